package bridge

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
)

// Two programs that answer each other never end. Headers tell automatic mail from a person's only while everybody sets them (RFC 3834, 2), so
// what a mail brings decides: a document that we have not spoken of with its sender yet is answered, however often such come. All else is
// answered once, and not again before a day has passed in which its sender heard nothing from us. Whatever answers us by itself has nothing new
// to bring, or would have to make a new document for every notice.

// QuietDay is how long an address must have heard nothing before a mail is answered that brings nothing new.
const QuietDay = 24 * time.Hour

// Brings is what a mail brings.
type Brings struct {
	Files []string // document files, by SHA-256
	New   bool     // one of them was not spoken of with the sender yet
}

// bringsNew says whether the mail has a document file that no notice to its sender was about, nor carried.
func (c *deciding) bringsNew() bool {
	return slices.ContainsFunc(c.known.Lookup.Files, func(digest string) bool { return !slices.Contains(c.history.Known, digest) })
}

// repeats is why a mail that would be answered is not: it brings nothing new, and it answers one of our notices or its sender heard from us
// within the day. What a person has looked at, and what was answered already, is no matter of this rule; nor is paper, or the axis.
func (c *deciding) repeats() notice.Silence {
	switch {
	case c.known.Paper != nil || c.known.Package != nil || len(c.history.Amendments) > 0 || len(c.history.Notices) > 0 || c.bringsNew():
		return ""
	case c.evidence.OwnNotice != "":
		return notice.SilentAnswer
	case heardLately(c.history.Told, c.out.Instant.At):
		return notice.SilentNothingNew
	}
	return ""
}

// heardLately says whether a notice made at told keeps a mail of this instant from being answered.
func heardLately(told, at time.Time) bool { return !told.IsZero() && told.After(at.Add(-QuietDay)) }

// cannotTell is the reason why a refusal waits for a person, by what keeps it from being told.
func cannotTell(s notice.Silence) string {
	switch s {
	case notice.SilentAnswer:
		return ReasonAnswersNotice
	case notice.SilentNothingNew:
		return ReasonNothingNew
	}
	return ReasonCannotTell
}
