package bridge

import (
	"path"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
)

func (c *deciding) submission(rec mapping.Record) policy.Submission {
	return submissionOf(c.receipt, c.known.Instant, fromAddress(c.known.Message), c.documentIdentity(rec), c.history, rec)
}

// submissionOf is one record as the rules see it. What nobody knows stays empty: a seal, the paper beside a mail.
func submissionOf(r Receipt, in Instant, from string, proved policy.Identity, h History, rec mapping.Record) policy.Submission {
	doc := rec.Document
	s := policy.Submission{ID: r.ID, Channel: string(r.Channel), Receiver: r.Receiver, Mailbox: r.Mailbox,
		ReceivedAt: in.At, AtLatest: in.Latest, Hops: in.Hops, Disputed: in.Disputed,
		Sender: policy.Sender{Address: from, Agency: rec.Sender.Agency, Identity: proved},
		Document: policy.Document{Type: doc.LoaiTat, Number: doc.SoHieu, Subject: doc.TrichYeu, Secrecy: string(doc.DoMat), Urgency: string(doc.DoKhan),
			Signature: rec.Signature.State, EditableFile: editable(rec)}}
	if doc.LoaiTat == "" {
		s.Document.Type = doc.Loai
	}
	s.Document.SubjectUnknown = doc.TrichYeu == ""
	hasFile := len(rec.Files) > 0
	s.Document.MainFile = &hasFile
	for _, f := range rec.Files {
		s.Document.Size += f.Size
	}
	if len(doc.TraLoi) > 0 {
		s.Context.Answers, s.Context.AlsoAnswers = doc.TraLoi[0], doc.TraLoi[1:]
	}
	s.Context.AlsoReceived, s.Context.AlsoNumber = alsoReceived(r, h, rec)
	besides(&s, r, rec, hasFile)
	return s
}

// editableExtensions are those of files that their receiver can go on writing in.
var editableExtensions = [...]string{".doc", ".docx", ".rtf", ".odt", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp"}

// editable says whether a file that can be edited came with the document; nil where a file could not be opened and may hold one.
func editable(rec mapping.Record) *bool {
	found := slices.ContainsFunc(rec.Files, func(f mapping.File) bool {
		return slices.Contains(editableExtensions[:], strings.ToLower(path.Ext(strings.TrimSpace(f.Name))))
	})
	if !found && len(rec.Unread) > 0 {
		return nil
	}
	return &found
}

// alsoReceived gives the other channels by which the same document stands in the register: under its code, or under its number with the same
// file or the same date and trích yếu. number is its số đến, when it came over the system.
func alsoReceived(r Receipt, h History, rec mapping.Record) (channels []string, number string) {
	channels = []string{}
	for _, key := range []string{rec.CodeKey, rec.Key} {
		s, stands := h.Registered[key]
		if key == "" || !stands || s.Receipt == r.ID || key != rec.CodeKey && !sameFile(s, rec) && !s.Alike {
			continue
		}
		for _, c := range s.Channels {
			if c != r.Channel && !slices.Contains(channels, string(c)) {
				channels = append(channels, string(c))
			}
			if c == System && r.Channel != System {
				number = s.SoDen
			}
		}
	}
	return channels, number
}

// besides tells what came beside a document: paper, or an electronic file. Of a mail nobody knows whether paper follows before it is here; of a
// paper the clerk says so, or the register, when the same document stands there by another way. A scan of ours is no electronic file.
func besides(s *policy.Submission, r Receipt, rec mapping.Record, hasFile bool) {
	yes := true
	if slices.Contains(s.Context.AlsoReceived, string(Paper)) {
		s.Context.WithPaper = &yes
	}
	if r.Channel != Paper {
		s.Context.WithElectronicFile = &hasFile
		return
	}
	if p := rec.Paper; p != nil {
		s.Document.Seal, s.Context.WithElectronicFile = p.Seal, p.Electronic
	}
	if len(s.Context.AlsoReceived) > 0 {
		s.Context.WithElectronicFile = &yes
	}
}
