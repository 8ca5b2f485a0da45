package charset

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// heldOut gives the lines of real documents of the shared corpus; nothing here was set by them.
func heldOut(t *testing.T) []string {
	b, err := os.ReadFile("../../../shared/corpus/documents-dev.jsonl")
	if err != nil {
		absent(t, err)
	}
	var out []string
	for _, l := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		var doc struct {
			Text string `json:"raw_text"`
		}
		if err := json.Unmarshal(l, &doc); err != nil {
			t.Fatal(err)
		}
		for _, s := range strings.Split(doc.Text, "\n") {
			if s = strings.Join(strings.Fields(s), " "); accented(s) > 0 {
				out = append(out, s)
			}
		}
	}
	return out
}

func TestHeldOut(t *testing.T) {
	lines := heldOut(t)
	for _, s := range append(lines, strings.Join(lines, "\n")) {
		if r := Read("utf-8", []byte(s), ""); !r.AsLabelled {
			t.Errorf("%.200q became %s %.200q", s, r.Charset, r.Text)
		}
	}
	for _, label := range []string{"", "iso-8859-1", "utf-8"} {
		for _, c := range []struct {
			words int
			need  float64
		}{{4, 0.97}, {7, 0.995}, {12, 0.999}, {40, 1}} {
			n, good := 0, 0
			for _, e := range encoders() {
				x := lcg(c.words)
				for range 800 {
					w := strings.Fields(lines[x.below(len(lines))])
					if e.name == nameVIQR || len(w) < c.words {
						continue
					}
					from := x.below(len(w) - c.words + 1)
					s := strings.Join(w[from:from+c.words], " ")
					b, ok := e.tryEncode(s)
					if !ok || accented(s) < c.words/2-1 {
						continue
					}
					n++
					if got := Read(label, b, "").Text; sameText(e, got, s) || e.name == nameTCVN && strings.EqualFold(got, s) {
						good++
					}
				}
			}
			t.Logf("%q, %2d words: %.4f of %d", label, c.words, float64(good)/float64(n), n)
			if float64(good) < c.need*float64(n) {
				t.Errorf("as %q, %d words: %d of %d", label, c.words, good, n)
			}
		}
	}
}
