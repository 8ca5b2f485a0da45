package mapping

import (
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// issuer finds what the sender was on the day of the document, or at the counted instant when that day is not known.
func issuer(dir *directory.Directory, sender directory.Match, m parser.Message, day string, at time.Time) directory.Match {
	then, err := time.ParseInLocation("2006-01-02", day, vietnam)
	if err != nil {
		then = at // not known, or no date: the sender as it is
	}
	addr := ""
	if len(m.From) == 1 && !twoFrom(m) && sender.How != directory.ByCode {
		addr = m.From[0].Addr
	}
	return dir.Author(sender, addr, then)
}
