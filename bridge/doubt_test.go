package bridge

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

// changed is the sample letter with its file replaced, or anything else of its text.
func changed(raw []byte, old, new string) []byte {
	return bytes.Replace(raw, []byte(old), []byte(new), 1)
}

// A message whose readers disagree, or with a file that could not be opened, waits for a person however clear its number and sender are,
// before the cutoff and after it; what a person says of it is obeyed.
func TestDoubtsWaitForAPerson(t *testing.T) {
	proved := Evidence{Identity: policy.IdentityDMARC}
	raw := letter{subject: subject, received: cutoff.Add(-time.Hour)}.raw()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	f, err := w.CreateHeader(&zip.FileHeader{Name: "12.pdf", Flags: 1}) // the flag of an encrypted file
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("%PDF-")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	locked := "Content-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(packed.Bytes()) + "\r\n"
	program := "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"12.pdf.exe\"\r\n\r\nMZ\x90\x00\r\n"
	boundary := boundaryOf(t, raw)
	for _, c := range []struct {
		name, reason string
		raw          []byte
	}{
		{"two boundaries", ReasonAmbiguous, changed(raw, "boundary="+boundary, "boundary=khac; boundary="+boundary)},
		{"an encrypted archive beside the document", ReasonUnreadFile, changed(raw, "--"+boundary+"--", "--"+boundary+"\r\n"+locked+"--"+boundary+"--")},
		{"a program in a document's clothes", ReasonDangerousFile, changed(raw, "--"+boundary+"--", "--"+boundary+"\r\n"+program+"--"+boundary+"--")},
		{"the end is missing", ReasonUnreadFile, changed(raw, "--"+boundary+"--", "")},
	} {
		if bytes.Equal(c.raw, raw) {
			t.Fatalf("%s: the sample was not changed", c.name)
		}
		k := testKnowledge(t, nil)
		for _, at := range []time.Time{cutoff.Add(-time.Hour), cutoff.Add(time.Hour)} {
			mail := bytes.ReplaceAll(c.raw, []byte(cutoff.Add(-time.Hour).Format(time.RFC1123Z)), []byte(at.Format(time.RFC1123Z)))
			if o := settle(t, mail, at, proved, History{}, k, nil); o.State != Held || o.Reason != c.reason || o.Notice != nil {
				t.Errorf("%s at %s: %s (%s), findings %v", c.name, at, o.State, o.Reason, o.Findings)
			}
			if o := settle(t, mail, at, proved, History{Amendments: []Amendment{{Kind: Exception}}}, k, nil); o.State != Registered {
				t.Errorf("%s, accepted by a person: %s (%s)", c.name, o.State, o.Reason)
			}
		}
	}
}

// An automatic message without a document is ignored, unless a document may be where it could not be read.
func TestWhatIsNotReadMayBeADocument(t *testing.T) {
	head := "From: vanthu@noivu.example.vn\r\nSubject: x\r\nMessage-ID: <1@noivu.example.vn>\r\nList-Id: <a.example.vn>\r\nMIME-Version: 1.0\r\n"
	for name, c := range map[string]struct {
		body  string
		state State
	}{
		"nothing in it":        {"Content-Type: text/plain\r\n\r\nx\r\n", Ignored},
		"one piece of a whole": {"Content-Type: message/partial; id=a; number=1; total=2\r\n\r\nSubject: y\r\n\r\nx\r\n", Held},
		"cut off":              {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n", Ignored},
	} {
		if o := settle(t, []byte(head+c.body), cutoff, Evidence{}, History{}, testKnowledge(t, nil), nil); o.State != c.state {
			t.Errorf("%s: %s (%s), findings %v", name, o.State, o.Reason, o.Findings)
		}
	}
}

func boundaryOf(t *testing.T, raw []byte) string {
	t.Helper()
	_, rest, ok := strings.Cut(string(raw), "boundary=")
	if !ok {
		t.Fatal("the sample letter has no boundary")
	}
	b, _, _ := strings.Cut(rest, "\r\n")
	return b
}
