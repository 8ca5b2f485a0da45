package bridge

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// formType is the media type of the form inside the raw bytes of a paper submission.
const formType = "application/vnd.giaolien.paper+json"

// PaperScan is the scan of a paper: a PDF or a picture.
type PaperScan struct {
	Name    string
	Type    string // media type; see ScanType
	Content io.Reader
}

// ScanType tells what a scan is by its first bytes; empty for what no scanner makes.
func ScanType(head []byte) string {
	for _, t := range []struct{ magic, name string }{{"%PDF-", "application/pdf"}, {"\x89PNG\r\n\x1a\n", "image/png"}, {"\xff\xd8\xff", "image/jpeg"},
		{"II*\x00", "image/tiff"}, {"MM\x00*", "image/tiff"}} {
		if bytes.HasPrefix(head, []byte(t.magic)) {
			return t.name
		}
	}
	return ""
}

// WritePaper writes the raw bytes of a paper submission: a MIME message (RFC 2046, 5.1.3) whose first part is the form as JSON, and whose
// second is the scan, if there is one. The same form and scan give the same bytes.
func WritePaper(w io.Writer, f PaperForm, scan *PaperScan) error {
	f.StampedAt, f.EnteredAt = f.StampedAt.UTC(), f.EnteredAt.UTC()
	form, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	sum := sha256.Sum256(form)
	m := multipart.NewWriter(w)
	if err := m.SetBoundary("giaolien-" + hex.EncodeToString(sum[:16])); err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	if _, err := fmt.Fprintf(w, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n", m.Boundary()); err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	if err := writePart(m, formType, "phieu.json", bytes.NewReader(form)); err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	if scan != nil {
		if err := writePart(m, scan.Type, scan.Name, scan.Content); err != nil {
			return fmt.Errorf("write scan: %w", err)
		}
	}
	if err := m.Close(); err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	return nil
}

func writePart(m *multipart.Writer, kind, name string, content io.Reader) error {
	h := textproto.MIMEHeader{}
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Transfer-Encoding", "base64")
	part, err := m.CreatePart(h)
	if err != nil {
		return err
	}
	lines := &lineWriter{w: part}
	enc := base64.NewEncoder(base64.StdEncoding, lines)
	if _, err := io.Copy(enc, content); err != nil {
		return err
	}
	return enc.Close()
}

// lineWriter breaks base64 into lines of 76 characters (RFC 2045, 6.8).
type lineWriter struct {
	w   io.Writer
	col int
}

func (l *lineWriter) Write(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if l.col == 76 {
			if _, err := io.WriteString(l.w, "\r\n"); err != nil {
				return n, err
			}
			l.col = 0
		}
		end := min(len(p), n+76-l.col)
		if _, err := l.w.Write(p[n:end]); err != nil {
			return n, err
		}
		l.col += end - n
		n = end
	}
	return len(p), nil
}

// Origin is the idempotency key of a paper submission: stamp, sender and number, so that one sheet typed twice is entered once. Words of the
// document are in it as a digest only: it outlives them when a độ mật is found late.
func (f PaperForm) Origin() string {
	parts := []string{f.StampedAt.UTC().Format(time.RFC3339), f.Agency, vanban.Fold(f.Author),
		vanban.NumberKey(strings.ReplaceAll(f.Number, " ", "")), string(f.Secrecy)}
	if f.Again {
		parts = append(parts, f.EnteredAt.UTC().Format(time.RFC3339Nano))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return "paper:" + f.Receiver + ":" + hex.EncodeToString(sum[:])
}

// Arrival brings sealed raw bytes of the form to the door.
func (f PaperForm) Arrival(raw Sealed) Arrival {
	return Arrival{Receiver: f.Receiver, Channel: Paper, Origin: f.Origin(), Raw: raw, InternalDate: f.StampedAt.UTC(), FetchedAt: f.EnteredAt.UTC()}
}
