package mapping

import (
	"slices"
	"strings"

	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/charset"
)

// Codes of findings about files that tools read; stable for ever. What only says what this machine can do (no tool, no OCR), or that a
// picture shows no words, is no finding about the message: Record.Unread tells it.
const (
	FileEncrypted    = "file-encrypted"    // a password is needed to read it
	FileDamaged      = "file-damaged"      // no tool could read it, or not to its end
	FileTooLarge     = "file-too-large"    // larger than what is read
	FileDeadline     = "file-deadline"     // reading it took too long
	FileOveruse      = "file-overuse"      // reading it cost more processor time or output than a tool is given
	FileFailed       = "file-failed"       // reading it ended the program that reads, three times
	SignatureInvalid = "signature-invalid" // a digital signature in it that is none: the file was altered, or it is not what it says
)

// fileCodes are the findings that problems of files make.
var fileCodes = map[string]string{ProblemEncrypted: FileEncrypted, ProblemDamaged: FileDamaged, ProblemTooLarge: FileTooLarge, ProblemDeadline: FileDeadline,
	ProblemOveruse: FileOveruse, ProblemFailed: FileFailed}

// FileFindings are the problems of the files of a message that tools read, in mail order, each file once. The place is the file's name behind
// the containers that it came in; the note of an invalid signature is its reason.
func FileFindings(m parser.Message, files map[string]FileEvidence) []parser.Finding {
	out := []parser.Finding{}
	wanted, all := Wanted(m), items(m)
	for _, digest := range wanted {
		ev := files[digest]
		i := slices.IndexFunc(all, func(it item) bool { return it.SHA256 == digest && it.kind >= document })
		where := charset.Clean(strings.Join(append(slices.Clone(all[i].Path), all[i].Name), "/"), maxWhere)
		if code := fileCodes[ev.Problem]; code != "" {
			out = append(out, parser.Finding{Code: code, Where: where})
		}
		if ev.Signature.State == "invalid" {
			out = append(out, parser.Finding{Code: SignatureInvalid, Where: where, Note: charset.Clean(ev.Signature.Reason, maxWhere)})
		}
	}
	return out
}

// maxWhere bounds the place and the note of a finding, in runes, as the parser does.
const maxWhere = 200
