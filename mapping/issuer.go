package mapping

import (
	"slices"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/sidecar"
	"github.com/giaolien/giaolien/parser/vanban"
)

// DocumentDay is the instant at which a document is judged to be written: the beginning of its date in Vietnam, or at when that is not known
// or OCR is not sure of it.
func DocumentDay(d vanban.Document, at time.Time) time.Time {
	then, err := time.ParseInLocation("2006-01-02", d.Ngay, vietnam)
	if err != nil || d.Sources["ngay_ban_hanh"].Unsure() {
		return at
	}
	return then
}

// Issuer finds whose document it is: what its sender was on its day, unless the letterhead names another agency of the directory. addr is the
// address that the sender was matched by, or empty. The printed name counts when one agency only bore it on that day, and either the
// sender took over from that one, or what stands above the name does not speak against it.
func Issuer(dir *directory.Directory, sender directory.Match, addr string, d vanban.Document, then time.Time) directory.Match {
	own := dir.Author(sender, addr, then)
	if sender.Agency == "" || d.CoQuan == "" || directory.Namesakes(own.Name, d.CoQuan) {
		return own
	}
	named := dir.ByName(d.CoQuan, then)
	if named.Agency == "" || named.Agency == own.Agency {
		return own
	}
	if !slices.Contains(dir.Predecessors(sender.Agency, then), named.Agency) && !under(dir, named.Agency, d.CoQuanTren, then) {
		return own
	}
	named.Findings = append(named.Findings, directory.FoundPrinted)
	return named
}

// under says whether the agency may be the one with that name printed above it.
func under(dir *directory.Directory, id, above string, at time.Time) bool {
	a, ok := dir.Agency(id, at)
	if !ok || above == "" || a.Parent == "" {
		return ok
	}
	parent, ok := dir.Agency(a.Parent, at)
	return !ok || directory.Namesakes(parent.Name, above)
}

// issued finds the issuer of a document that a mail brought: by the code that a package in it states, else by its sender and letterhead.
func issued(dir *directory.Directory, sender directory.Match, m parser.Message, pack *sidecar.Sidecar, d vanban.Document, at time.Time) directory.Match {
	then := DocumentDay(d, at)
	if pack != nil && pack.Sender.Code != "" {
		if by := dir.Author(dir.ByCode(pack.Sender.Code, at), "", then); by.Agency != "" {
			return by
		}
	}
	if sender.How == directory.ByCode { // a clerk named the agency, whatever the letterhead says
		return dir.Author(sender, "", then)
	}
	addr := ""
	if len(m.From) == 1 && !twoFrom(m) {
		addr = m.From[0].Addr
	}
	return Issuer(dir, sender, addr, d, then)
}

// packageOf is the package in a mail that states this document; nil when there is none, or several that could be meant.
func packageOf(m parser.Message, d vanban.Document, alone bool) *sidecar.Sidecar {
	var found *sidecar.Sidecar
	for _, c := range sidecars(m) {
		if c.Kind != sidecar.Edoc || c.Change.Kind != "" || !alone && !sameNumber(numberOf(c.Document), numberOf(d)) {
			continue
		}
		if found != nil {
			return nil
		}
		found = c
	}
	return found
}
