package evidence

import (
	"fmt"
	"testing"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Of a page on which tesseract guessed the label or the number no number goes into the register unseen.
func TestGuessedNumberIsUnsure(t *testing.T) {
	const head = "1\t1\t0\t0\t0\t0\t0\t0\t1653\t2339\t-1\t\n"
	for _, c := range []struct {
		label         string
		sure, number  float64
		value, behind string
		want          bool
	}{
		{"Số:", 33, 91, "97/CĐ-UBND", "", false},
		{"Số:", 95, 41, "97/CĐ-UBND", "", false},
		{"So", 33, 91, "97/CĐ-UBND", "", false},
		{"Số:", 95, 91, "97/CĐ-UBND", "", true},
		{"ngày", 33, 91, "07", "", true},
		{"Số:", 33, 91, "/CĐ-UBND", "", true}, // a draft's
		{"Số:", 33, 91, "Quảng", "97", true},  // prose
	} {
		out := head + "4\t1\t1\t1\t1\t0\t5\t6\t7\t8\t-1\t\n" +
			fmt.Sprintf("5\t1\t1\t1\t1\t1\t5\t6\t7\t8\t%g\t%s\n5\t1\t1\t1\t1\t2\t55\t6\t7\t8\t%g\t%s\n", c.sure, c.label, c.number, c.value)
		for i := range 60 { // the rest of the page, read well
			out += fmt.Sprintf("4\t1\t1\t1\t%d\t0\t5\t6\t7\t8\t-1\t\n5\t1\t1\t1\t%d\t1\t5\t%d\t7\t8\t96\tchữ\n", i+2, i+2, 20*i+30)
		}
		if c.behind != "" {
			out += "5\t1\t1\t1\t61\t2\t75\t1230\t7\t8\t96\t" + c.behind + "\n"
		}
		pages := readTSV(out)
		if len(pages) != 1 {
			t.Fatalf("%d pages", len(pages))
		}
		if got := pages[0].confidence*0.9 >= vanban.Sure; got != c.want {
			t.Errorf("%s (%g) %s (%g): confidence %g", c.label, c.sure, c.value, c.number, pages[0].confidence)
		}
	}
}
