package mapping

import (
	"slices"

	"github.com/giaolien/giaolien/parser/vanban"
)

// What the signatures of a file say where nothing else does.
const (
	sureCertificate = 0.4
	certificate     = "chữ ký số: " // before the name in the evidence
)

// signers lets the certificates of the main file name the signer and the agency where no reading does: that of a person the signer, that
// of an organisation (the agency's seal, NĐ 30/2020, Điều 5) the agency. When several persons, or several agencies, signed, the one that
// the document names can't be told. Nothing is taken from a signature that is not what was signed, and no date from any: the day of the
// document is the one printed on it.
func (p *paper) signers(doc *vanban.Document, files map[string]FileEvidence) {
	sig := p.signature(files)
	if !standing(sig.State) {
		return
	}
	var persons, agencies []string
	for _, s := range sig.Signers {
		if s.Stamp || !standing(s.State) {
			continue
		}
		person, agency := vanban.CertificateName(s.Name)
		persons, agencies = addName(persons, person), addName(agencies, agency)
	}
	if len(persons) == 1 {
		doc.Sign(vanban.SignedBy, persons[0], certificate+persons[0], sureCertificate)
	}
	if len(agencies) == 1 {
		doc.Sign(vanban.SignedFor, agencies[0], certificate+agencies[0], sureCertificate)
	}
}

// standing says whether a signature was found to be good, as far as it was checked.
func standing(state string) bool { return state == "valid" || state == "present" }

func addName(list []string, name string) []string {
	if name == "" || slices.ContainsFunc(list, func(have string) bool { return vanban.Fold(have) == vanban.Fold(name) }) {
		return list
	}
	return append(list, name)
}

// signature is that of the main file, its State empty while it is not known.
func (p *paper) signature(files map[string]FileEvidence) FileSignature {
	sig := FileSignature{}
	if len(p.leaves) > 0 && p.leaves[0].SHA256 != "" && p.leaves[0].kind >= document {
		if ev := files[p.leaves[0].SHA256]; ev.Secret == "" {
			sig = ev.Signature
		}
	}
	signers := make([]Signer, len(sig.Signers))
	for i, s := range sig.Signers {
		s.Unchecked = append([]string{}, s.Unchecked...)
		signers[i] = s
	}
	sig.Signers = signers
	return sig
}

// unread are the files of the record that tools are to read and have not, or not to their end.
func (p *paper) unread(wanted []string, files map[string]FileEvidence) []Unread {
	out := []Unread{}
	for _, l := range p.leaves {
		if l.kind < document || !slices.Contains(wanted, l.SHA256) || slices.ContainsFunc(out, func(u Unread) bool { return u.Digest == l.SHA256 }) {
			continue
		}
		if ev, ok := files[l.SHA256]; !ok {
			out = append(out, Unread{l.SHA256, ProblemNotRead})
		} else if ev.Problem != "" {
			out = append(out, Unread{l.SHA256, ev.Problem})
		}
	}
	return out
}
