package vanban

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ownText is one text with what must be read of it, in the form of the corpus: invented agencies and people in the layouts of NĐ 30/2020,
// Phụ lục III, as columns, tables and converters leave them.
type ownText struct {
	ID   string         `json:"id"`
	Text string         `json:"raw_text"`
	Gold map[string]any `json:"gold"`
}

func ownTexts(t testing.TB) map[string][]ownText {
	t.Helper()
	files, err := filepath.Glob("testdata/own/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	all := map[string][]ownText{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var text ownText
			if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			kind := strings.TrimSuffix(filepath.Base(file), ".jsonl")
			all[kind] = append(all[kind], text)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// same compares as the scorer of the corpus does: accents, case and blanks do not count; authority "none" means that there is none.
func sameField(field, got, want string) bool {
	key := func(s string) string { return newPhrase(s).tight() }
	switch field {
	case "quyen_han_ky":
		parts := func(s string) []string {
			p := slices.DeleteFunc(strings.Split(s, "+"), func(m string) bool { return m == "" || m == "none" })
			slices.Sort(p)
			return p
		}
		return slices.Equal(parts(got), parts(want))
	case "kinh_gui":
		parts := func(s string) []string {
			p := strings.Split(key(strings.ReplaceAll(s, "\n", "|")), "|")
			slices.Sort(p)
			return p
		}
		return slices.Equal(parts(got), parts(want))
	}
	return key(got) == key(want)
}

func fieldsOf(d Document) map[string]string {
	return map[string]string{"so_hieu": d.SoHieu, "so": d.So, "ky_hieu": d.KyHieu, "loai_van_ban": d.Loai, "ngay_ban_hanh": d.Ngay, "dia_danh": d.DiaDanh,
		"co_quan_ban_hanh": d.CoQuan, "co_quan_chu_quan": d.CoQuanTren, "trich_yeu": d.TrichYeu, "nguoi_ky": d.NguoiKy, "chuc_vu": d.ChucVu,
		"quyen_han_ky": strings.Join(d.QuyenHanKy, "+"), "do_khan": string(d.DoKhan), "do_mat": string(d.DoMat), "kinh_gui": strings.Join(d.KinhGui, "\n")}
}

// Marks are found without exception and never where there are none; the other fields as well as on real heads.
func TestOwnTexts(t *testing.T) {
	texts := ownTexts(t)
	count, marked := 0, 0
	for kind, list := range texts {
		hit, total, extra := map[string]int{}, map[string]int{}, map[string]int{}
		for _, text := range list {
			count++
			for field, got := range fieldsOf(ReadText(text.Text)) {
				label, ok := text.Gold[field]
				if !ok {
					continue
				}
				want := fmt.Sprint(label)
				if items, isList := label.([]any); isList {
					want = ""
					for i, item := range items {
						want += map[bool]string{true: "", false: "\n"}[i == 0] + fmt.Sprint(item)
					}
				}
				mark := field == "do_khan" || field == "do_mat"
				switch {
				case want == "" && got != "":
					extra[field]++
					t.Logf("%s %s: %q where there is none", text.ID, field, got)
					if mark || field == "so_hieu" || field == "ngay_ban_hanh" {
						t.Errorf("%s: false %s %q", text.ID, field, got)
					}
				case want == "":
				case sameField(field, got, want):
					hit[field]++
					total[field]++
					marked += map[bool]int{true: 1}[mark]
				default:
					total[field]++
					t.Logf("%s %s: %q, want %q", text.ID, field, got, want)
					if mark {
						t.Errorf("%s: mark missed: %s = %q, want %q", text.ID, field, got, want)
					}
				}
			}
		}
		var report []string
		for field, n := range total {
			report = append(report, fmt.Sprintf("%s %d/%d", field, hit[field], n))
			if least := map[bool]int{true: 97, false: 85}[slices.Contains([]string{"so_hieu", "so", "ky_hieu", "ngay_ban_hanh", "loai_van_ban"}, field)]; hit[field]*100 < n*least {
				t.Errorf("%s: %s read in %d of %d", kind, field, hit[field], n)
			}
		}
		slices.Sort(report)
		t.Logf("%s, %d texts: %s; extra %v", kind, len(list), strings.Join(report, ", "), extra)
	}
	if count < 60 || marked < 30 {
		t.Errorf("%d texts with %d marks are too few to mean anything", count, marked)
	}
}
