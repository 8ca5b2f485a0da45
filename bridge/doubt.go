package bridge

import (
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
	{parser.Truncated, ReasonUnreadFile},
	{parser.Base64Short, ReasonUnreadFile},
	{parser.DecoderFailed, ReasonUnreadFile},
	{parser.LimitFindings, ReasonUnreadFile}, // the finding that matters may be among those not kept
	{parser.ServerCouldNotRender, ReasonUnreadFile},
}

// doubtful gives the reason why a person must look at a message before it is decided, empty when there is none.
func doubtful(m parser.Message) string {
	for _, d := range doubts {
		for _, f := range m.Findings {
			if f.Code == d.code {
				return d.reason
			}
		}
	}
	return ""
}
