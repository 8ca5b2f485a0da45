package mapping

import (
	"fmt"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/parser"
)

// A mail packed to fill time is mapped in seconds at most: as many files as a message may have, in archives, with names that all nearly fit.
func TestManyFilesTakeBoundedTime(t *testing.T) {
	const n = 2000
	listed := make([]string, 500)
	for i := range listed {
		listed[i] = fmt.Sprintf("listed %d.pdf", i)
	}
	for name, build := range map[string]func(i int) parser.Attachment{
		"one number": func(i int) parser.Attachment { return pdfFile(fmt.Sprintf("12_BC-UBND %d.pdf", i), "") },
		"two and others": func(i int) parser.Attachment {
			return pdfFile([]string{"12_BC-UBND.pdf", "13_BC-UBND.pdf", fmt.Sprintf("x %d.pdf", i)}[min(i, 2)], "")
		},
		"many numbers": func(i int) parser.Attachment { return pdfFile(fmt.Sprintf("%d_BC-UBND.pdf", i+1), "") },
		"growing notation": func(i int) parser.Attachment {
			return pdfFile("1_BC-UBND"+strings.Repeat("-VP", i%20)+fmt.Sprint(".", i, ".pdf"), "")
		},
		"archives": func(i int) parser.Attachment {
			if i%2 == 0 {
				return parser.Attachment{Name: fmt.Sprintf("%d.zip", i), Type: "application/zip"}
			}
			return inside(pdfFile([]string{"12_BC-UBND.pdf", "13_BC-UBND.pdf", "a.pdf"}[i%3], ""), fmt.Sprintf("%d.zip", i-1))
		},
		"sidecars": func(i int) parser.Attachment {
			if i%2 == 0 {
				return states(fmt.Sprintf("%d/BC-UBND", i+1), listed...)
			}
			return pdfFile(fmt.Sprintf("%d.pdf", i), "")
		},
		"texts": func(i int) parser.Attachment {
			return says(pdfFile(fmt.Sprintf("%d_BC-UBND.pdf", i%15+1), ""), strings.Repeat("1/A-B 2/B-C 3/D-E ", 200))
		},
	} {
		m := parser.Message{}
		for i := range n {
			a := build(i)
			if a.SHA256 == "" {
				a.SHA256 = fmt.Sprintf("%d", i)
			}
			m.Attachments = append(m.Attachments, a)
		}
		recs := Records(m, Input{}, testDirectory(t), at)
		files := 0
		for _, r := range recs {
			files += len(r.Files)
		}
		if len(recs) == 0 || files > len(m.Attachments) {
			t.Errorf("%s: %d records, %d files of %d", name, len(recs), files, len(m.Attachments))
		}
	}
}
