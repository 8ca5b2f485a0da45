package vanban

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"

	"pgregory.net/rapid"
)

func TestReadChanges(t *testing.T) {
	for _, c := range []struct {
		text string
		want Change
	}{
		{"Thu hồi Công văn số 12/SNV-VP ngày 2/3/2026", Change{Recalls, "12/SNV-VP", "2026-03-02", "Thu hồi Công văn số 12/SNV-VP", false}},
		{"V/v thu hồi văn bản số 45/UBND-KT", Change{Recalls, "45/UBND-KT", "", "thu hồi văn bản số 45/UBND-KT", false}},
		{"thu hồi và hủy bỏ đất", Change{}},
		{"Công văn số 15/SNV-VP về việc đính chính Báo cáo số 12/BC-SNV ngày 01/02/2026 của Sở Nội vụ", Change{Corrects, "12/BC-SNV", "2026-02-01", "đính chính Báo cáo số 12/BC-SNV", false}},
		{"Đính chính nội dung tại Công văn số 7/UBND", Change{Corrects, "7/UBND", "", "Đính chính nội dung tại Công văn số 7/UBND", false}},
		{"Giấy mời họp (thay thế Giấy mời số 31/GM-UBND)", Change{Replaces, "31/GM-UBND", "", "thay thế Giấy mời số 31/GM-UBND", false}},
		{"Công văn này thay thế cho Công văn số 12/SNV-VP", Change{Replaces, "12/SNV-VP", "", "thay thế cho Công văn số 12/SNV-VP", false}},
		{"Quyết định ban hành quy chế, thay thế Quyết định số 12/2020/QĐ-UBND", Change{Replaces, "12/2020/QĐ-UBND", "", "thay thế Quyết định số 12/2020/QĐ-UBND", true}},
		{"Công văn số 12/SNV-VP (thay thế)", Change{Kind: Replaces, Evidence: "thay thế"}},
		{"12/SNV-VP gửi thay thế bản đã gửi ngày hôm qua", Change{Kind: Replaces, Evidence: "thay thế bản đã gửi"}},
		// What is no such thing.
		{"Về việc thu hồi đất để thực hiện dự án theo Quyết định số 12/QĐ-UBND", Change{}},
		{"Thu hồi giấy chứng nhận quyền sử dụng đất số BK 123456", Change{}},
		{"Thu hồi tạm ứng ngân sách theo Công văn số 12/STC-NS", Change{}},
		{"Thay thế thiết bị hỏng theo Tờ trình số 12/TTr-VP", Change{}},
		{"Công văn số 12/SNV-VP không thay thế Công văn số 11/SNV-VP", Change{}},
		{"Quyết định số 5/QĐ-UBND đã được thay thế bằng Quyết định số 9/QĐ-UBND", Change{}},
		{"Báo cáo kết quả rà soát văn bản", Change{}},
		{"Kế hoạch thay thế văn bản hết hiệu lực, công văn số 12/SNV-VP", Change{}},
		{"", Change{}},
	} {
		got := ReadChanges(c.text)
		if c.want == (Change{}) && len(got) > 0 || c.want != (Change{}) && (len(got) != 1 || got[0] != c.want) {
			t.Errorf("%q: %+v, want %+v", c.text, got, c.want)
		}
	}
	if got := ReadChanges("Thu hồi Công văn số 12/SNV-VP và thay thế Công văn số 13/SNV-VP, thu hồi công văn số 12/SNV-VP"); len(got) != 2 {
		t.Errorf("two things of which one is said twice: %+v", got)
	}
}

func TestReadChangesIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.SampledFrom([]string{"thu hồi", "đính chính", "thay thế", "(", ")", "[", "công văn", "văn bản", "số", "12/SNV-VP", "ngày", "2/3/2026", "bản đã gửi", "không", "\n", "…", "/"}))
		text := ""
		for _, w := range words.Draw(t, "words") {
			text += w + rapid.SampledFrom([]string{" ", "", ": "}).Draw(t, "gap")
		}
		if got := ReadChanges(text); len(got) > maxChanges {
			t.Fatalf("%d changes", len(got))
		}
	})
}

// Of the summaries of real documents nearly none recalls anything, and what does names a number.
func TestChangesOfTheCorpus(t *testing.T) {
	f, err := os.Open("../../../shared/corpus/documents-dev.jsonl")
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal("the shared corpus is absent")
		}
		t.Skip("the shared corpus is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	documents, found := 0, map[ChangeKind]int{}
	for lines.Scan() {
		var doc map[string]any
		if err := json.Unmarshal(lines.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		text, _ := doc["raw_text"].(string)
		documents++
		for _, c := range ReadChanges(ReadText(text).TrichYeu) {
			found[c.Kind]++
			t.Logf("%+v", c)
			if c.Kind != Replaces && c.Number == "" {
				t.Errorf("%+v of itself", c)
			}
		}
	}
	if err := lines.Err(); err != nil || documents == 0 {
		t.Fatalf("%d documents, %v", documents, err)
	}
	if n := found[Recalls] + found[Corrects]; n*50 > documents {
		t.Errorf("%d of %d documents recall or correct another", n, documents)
	}
}
