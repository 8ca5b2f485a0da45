package mapping

import (
	"slices"
	"testing"

	"github.com/giaolien/giaolien/parser"
)

func inside(a parser.Attachment, path ...string) parser.Attachment {
	a.Path = path
	return a
}

func TestOpenedContainersStepBack(t *testing.T) {
	zip := parser.Attachment{Name: "vb.zip", Type: "application/zip", Sniffed: "application/zip", SHA256: "z"}
	tnef := parser.Attachment{Name: "winmail.dat", Type: "application/ms-tnef", SHA256: "t"}
	p7m := parser.Attachment{Name: "smime.p7m", Type: "application/pkcs7-mime", SHA256: "s"}
	pdf := pdfFile("12-UBND.pdf", "p")
	mac := inside(pdfFile("._12-UBND.pdf", "m"), "vb.zip")
	for _, c := range []struct {
		name  string
		files []parser.Attachment
		want  []string // the record's files
		have  bool
	}{
		{"opened archive", []parser.Attachment{zip, inside(pdf, "vb.zip")}, []string{"12-UBND.pdf", "vb.zip"}, true},
		{"archive that could not be opened", []parser.Attachment{zip}, []string{"vb.zip"}, true},
		{"archive of notes only", []parser.Attachment{zip, inside(parser.Attachment{Name: "a.log", SHA256: "l"}, "vb.zip")}, []string{"vb.zip", "a.log"}, true},
		{"side files of macOS", []parser.Attachment{zip, mac, inside(pdf, "vb.zip")}, []string{"12-UBND.pdf", "vb.zip"}, true},
		{"Outlook's wrapping", []parser.Attachment{tnef, inside(pdf, "winmail.dat")}, []string{"12-UBND.pdf"}, true},
		{"signed wrapping", []parser.Attachment{p7m, inside(pdf, "smime.p7m")}, []string{"12-UBND.pdf"}, true},
		{"wrapping without a document", []parser.Attachment{tnef}, []string{"winmail.dat"}, false},
		{"archive in an archive", []parser.Attachment{zip, inside(zip, "vb.zip"), inside(pdf, "vb.zip", "vb.zip")}, []string{"12-UBND.pdf", "vb.zip", "vb.zip"}, true},
	} {
		m := parser.Message{From: from("ubnd.haiba@quangtri.gov.vn"), Attachments: c.files}
		if got := HasDocumentFile(m); got != c.have {
			t.Errorf("%s: has a document: %v", c.name, got)
		}
		var got []string
		for _, f := range Records(m, Input{}, testDirectory(t), at)[0].Files {
			got = append(got, f.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSecretInTheNameOfAFolder(t *testing.T) {
	a := inside(pdfFile("12.pdf", "p"), "vb.zip")
	a.Folder = "TÀI LIỆU MẬT"
	if level, where := Secret(parser.Message{Attachments: []parser.Attachment{a}}, nil); level == "" || where != InFileName {
		t.Errorf("%q in %q", level, where)
	}
}
