package notice

import (
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/policy"
)

// TestGistIsAsWholeAsItsLetter: what a letter prints of ground and trích yếu, a digest that speaks for it prints too.
func TestGistIsAsWholeAsItsLetter(t *testing.T) {
	in := sample()
	in.Decision.Verdict, in.Decision.Notice = policy.Reject, "reject"
	in.Decision.Legal, in.Decision.Title = strings.Repeat("ộ", policy.MaxPrinted), strings.Repeat("ế", policy.MaxPrinted)
	in.Documents[0].Subject = strings.Repeat("ữ", 500)
	d, silence := Compose(in)
	if d == nil {
		t.Fatal(silence)
	}
	text := strings.Join(d.Gist.Lines, "\n")
	for _, want := range []string{in.Decision.Legal, in.Decision.Title, "; áp dụng từ ", in.Documents[0].Subject} {
		if !strings.Contains(text, want) {
			t.Errorf("%.20s… is cut in\n%s", want, text)
		}
	}
	if strings.Contains(text, "…") {
		t.Errorf("something is cut in\n%s", text)
	}
}
