package notice

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/policy"
)

// A refusal carries its slip behind the text; nothing else does, and it is the same every time.
func TestSlip(t *testing.T) {
	for _, c := range []struct {
		verdict policy.Verdict
		told    string
		want    bool
	}{{policy.Reject, "reject", true}, {policy.Reject, "return", true}, {policy.Reject, "not-counted", true}, {policy.Warn, "remind", false}, {policy.Accept, "", false},
		{policy.Quarantine, "", false}} {
		in := sample()
		in.WantSlip, in.Texts, in.Decision.Verdict, in.Decision.Notice = true, tracing, c.verdict, c.told
		d, s := Compose(in)
		if d == nil {
			t.Fatal(s)
		}
		r, err := Render(*d, numbers(*d), keys)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, l := range leaves(t, r.Bytes) {
			kinds = append(kinds, l.kind)
		}
		want := "text/plain text/html"
		if c.want {
			want += " application/pdf"
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s %s: parts %s", c.verdict, c.told, got)
		}
		if again, err := Render(*d, numbers(*d), keys); err != nil || !bytes.Equal(again.Bytes, r.Bytes) {
			t.Errorf("%s: rendered differently the second time (%v)", c.told, err)
		}
	}
}

// What is on the slip can be read back from it: the words of the notice, whole.
func TestSlipWords(t *testing.T) {
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal("pdftotext is not there, and GIAOLIEN_TEST_REQUIRE is set")
		}
		t.Skip("pdftotext is not there")
	}
	in := sample()
	in.WantSlip, in.Texts = true, tracing
	d, _ := Compose(in)
	r, err := Render(*d, numbers(*d), keys)
	if err != nil {
		t.Fatal(err)
	}
	parts := leaves(t, r.Bytes)
	pdf := parts[len(parts)-1]
	if pdf.name != "phieu-tra-lai.pdf" || !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Fatalf("attachment %q begins %.8q", pdf.name, pdf.body)
	}
	file := filepath.Join(t.TempDir(), "slip.pdf")
	if err := os.WriteFile(file, []byte(pdf.body), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(out)), " ")
	for _, want := range []string{"PHIẾU TRẢ LẠI", "GL-2026-0000123", "45/STC-NS", in.Decision.Legal, "H50.01", "https://tracuu.quangtri.gov.vn/?ma=GL-2026-0000123",
		"không tiếp nhận văn bản nêu trên", "0233.111.1111"} {
		if !strings.Contains(flat, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

func BenchmarkRenderRefusal(b *testing.B) {
	in := sample()
	in.WantSlip, in.Texts = true, tracing
	d, _ := Compose(in)
	for b.Loop() {
		if _, err := Render(*d, numbers(*d), keys); err != nil {
			b.Fatal(err)
		}
	}
}
