package bridge

import (
	"slices"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/extract"
	"github.com/giaolien/giaolien/parser/unpack"
)

// doubts are the findings with which nothing is registered or refused before a person has looked: what was decided might not be what was
// sent. The first of them in this list gives the reason.
var doubts = []struct{ code, reason string }{
	{parser.Ambiguous, ReasonAmbiguous},
	{unpack.NamesDiffer, ReasonAmbiguous},
	{parser.ExecutableAsDocument, ReasonDangerousFile},
	{mapping.SignatureInvalid, ReasonSignature},
	{unpack.Encrypted, ReasonUnreadFile},
	{extract.Encrypted, ReasonUnreadFile},
	{unpack.Overlap, ReasonUnreadFile},
	{unpack.LimitRatio, ReasonUnreadFile},
	{unpack.LimitSize, ReasonUnreadFile},
	{unpack.LimitCount, ReasonUnreadFile},
	{unpack.Recursive, ReasonUnreadFile},
	{unpack.Unsupported, ReasonUnreadFile},
	{unpack.Damaged, ReasonUnreadFile},
	{parser.LimitParts, ReasonUnreadFile},
	{parser.LimitDepth, ReasonUnreadFile},
	{parser.EncodedContainer, ReasonAmbiguous},
	{parser.UUDamaged, ReasonUnreadFile},
	{parser.Truncated, ReasonUnreadFile},
	{parser.Base64Short, ReasonUnreadFile},
	{parser.DecoderFailed, ReasonUnreadFile},
	{parser.LimitFindings, ReasonUnreadFile}, // the finding that matters may be among those not kept
	{parser.ServerCouldNotRender, ReasonUnreadFile},
	{mapping.FileEncrypted, ReasonUnreadFile},
	{mapping.FileDamaged, ReasonUnreadFile},
	{mapping.FileTooLarge, ReasonUnreadFile},
	{mapping.FileDeadline, ReasonUnreadFile},
	{mapping.FileOveruse, ReasonUnreadFile},
	{mapping.FileFailed, ReasonUnreadFile},
	{string(edxml.FileDamaged), ReasonUnreadFile},
}

// doubtful gives the reason why a person must look at a message with these findings before it is decided, empty when there is none.
func doubtful(findings []parser.Finding) string {
	for _, d := range doubts {
		for _, f := range findings {
			if f.Code == d.code {
				return d.reason
			}
		}
	}
	return ""
}

// mustBeSeen says whether a message that is no submission by what could be read of it may be one by what could not. What a bounce or a
// report gives back is cut off and broken every day; of that only other readings count.
func mustBeSeen(m parser.Message) bool {
	reason := doubtful(m.Findings)
	if reason == ReasonUnreadFile {
		return !slices.Contains(reportKinds, m.Kind) && slices.ContainsFunc(m.Findings, func(f parser.Finding) bool { return hides[f.Code] })
	}
	return reason == ReasonAmbiguous
}

// hides are the findings behind which a document may be.
var hides = map[string]bool{unpack.Encrypted: true, unpack.Damaged: true, unpack.Overlap: true, unpack.LimitRatio: true, unpack.LimitSize: true,
	unpack.LimitCount: true, unpack.Recursive: true, unpack.Unsupported: true, parser.LimitParts: true, parser.LimitDepth: true,
	parser.DecoderFailed: true, parser.LimitFindings: true}
