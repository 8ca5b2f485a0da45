package vanban

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
)

// normal reads a printed number (or several) as the corpus normalises it.
func normal(raw string) string { return strings.Join(Numbers(raw), "; ") }

func TestNumberForms(t *testing.T) {
	for raw, want := range map[string]string{
		"1775/UBND-KGVX":                "1775/UBND-KGVX",
		"28/2018/QĐ-TTg":                "28/2018/QĐ-TTg",
		"202/2025/QH15":                 "202/2025/QH15",
		"06-CTr/TU":                     "06-CTr/TU",
		"12a/QĐ-UBND":                   "12a/QĐ-UBND",
		"22HD/TWĐTN":                    "22-HD/TWĐTN",
		"298 KH/TWĐTN":                  "298-KH/TWĐTN",
		"906/KT- KĐ":                    "906/KT-KĐ",
		"2865/GDĐT –KT&KĐCL":            "2865/GDĐT-KT&KĐCL",
		"473/TTr -\nNN&PTNT":            "473/TTr-NN&PTNT",
		"47/2007/NQ .HĐND":              "47/2007/NQ-HĐND",
		"1961/QĐUBND":                   "1961/QĐ-UBND",
		"101/QĐ-TTG":                    "101/QĐ-TTg",
		"06/QC-TT.HĐND-UBND":            "06/QC-TT.HĐND-UBND",
		"Số : 151/TB-PGDĐT":             "151/TB-PGDĐT",
		"S: 5157/QĐ-UBND":               "5157/QĐ-UBND",
		"Số: /TTr-VPCP":                 "",
		"Số:       /QĐ-UBND":            "",
		"Số: ....../QĐ-UBND":            "",
		"Số: - HD/TWĐTN-BTC":            "",
		"Số 14 GD-ĐT Hà Nội":            "14/GD-ĐT",
		"Số: 300/BC-CP Hà Nội, ngày 3":  "300/BC-CP",
		"Số: 12/BC-UBND - HÀ NỘI, ngày": "12/BC-UBND",
		"Số: 12/BC-UBND - Báo cáo":      "12/BC-UBND",
		"102/2025/NQLT - UBTVQH15 - CP": "102/2025/NQLT-UBTVQH15-CP",
		"Số: 45 Trần Phú":               "",
		"Số: 614, 615, 616-CV/VPTW":     "614-CV/VPTW; 615-CV/VPTW; 616-CV/VPTW",
		"12 và 13/UBND-VP":              "12/UBND-VP; 13/UBND-VP",
		"Số: 614, 615 Trần Phú":         "",
		"Số: 614,":                      "",
		"12a-QĐ/TU":                     "12a-QĐ/TU",
		"05/2014/TTLT-BTC-BTP":          "05/2014/TTLT-BTC-BTP",
		"Số: 00/QĐ-UBND":                "00/QĐ-UBND",
		"Số:\u00a0\u2026\u2026/QĐ-UBND": "",
		"Số: __/QĐ-UBND":                "",
		"Số: 0905123456/UBND":           "",
		"Số: 12/5 Lê Lợi":               "",
		"12/SNV-CCVC.":                  "12/SNV-CCVC",
		"1033/PTM-SMEngày 15 tháng 4":   "1033/PTM-SME",
	} {
		if got := normal(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestFindNumberIgnoresWhatIsNone(t *testing.T) {
	for _, s := range []string{
		"", "họp ngày 22/3/2011", "mở 24/7", "giảm 12/15 chỉ tiêu", "100/người", "tổ 5/khu phố 3", "http://a.vn/2019/TT-abc",
		"biển số 74C-123.45", "số điện thoại 0233/3852", "nhiệm kỳ 2020-2025", "Covid-19", "số 45 Trần Phú, TP. Đông Hà",
	} {
		if n, ok := findNumber(newPhrase(s), 0); ok {
			t.Errorf("%q: found %+v", s, n)
		}
	}
}

func TestSplitNumber(t *testing.T) {
	for raw, want := range map[string][2]string{
		"1775/UBND-KGVX": {"1775", "UBND-KGVX"}, "28/2018/QĐ-TTg": {"28", "2018/QĐ-TTg"}, "06-CTr/TU": {"06", "CTr/TU"},
		"2440 TCT/PCCS": {"2440", "TCT/PCCS"}, "12a/QĐ-UBND": {"12a", "QĐ-UBND"}, "/TTr-VPCP": {"", "TTr-VPCP"}, "": {"", ""}, "37": {"37", ""},
	} {
		if so, ky := SplitNumber(raw); so != want[0] || ky != want[1] {
			t.Errorf("%q: %q, %q", raw, so, ky)
		}
	}
}

// Real number strings with their normal form, kept beside the repository.
func TestNumberCorpus(t *testing.T) {
	f, err := os.Open("../../../shared/corpus/notations.csv")
	if err != nil {
		absent(t, err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for _, row := range rows[1:] {
		raw, want := row[0], row[1]
		if got := normal(raw); got != want {
			t.Logf("%q: got %q, want %q (%s)", raw, got, want, row[3])
			wrong++
		}
	}
	if wrong > 0 || len(rows) < 100 {
		t.Errorf("%d of %d real numbers read wrongly", wrong, len(rows)-1)
	}
}
