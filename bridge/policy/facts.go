package policy

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// facts are what the rules can ask about one submission at one instant, with every value turned into the symbols of the rules.
type facts struct {
	s           *Submission
	at          time.Time
	layout      *layout
	agency      directory.Agency
	known       bool         // the sender is in the directory
	ready       bool         // … and has its account
	outside     bool         // citizen, enterprise or not in the directory: reached only by rules that say so
	unknownType bool         // nobody knows the type of the document
	yes, maybe  []uint64     // what holds, and what may hold; laid out by layout
	subject     phrase       // folded when first needed
	said        [dims]string // Vietnamese: the submission's own value, made when first needed
	clock       string
}

// gather looks the sender up and turns the submission into facts.
func (r *Rules) gather(f *facts, s *Submission, dir *directory.Directory, at time.Time) {
	f.s, f.at, f.layout = s, at, &r.layout
	if n := r.layout.words; n > len(f.yes) {
		words := make([]uint64, 2*n)
		f.yes, f.maybe = words[:n], words[n:]
	}
	f.agency, f.known = sender(&s.Sender, dir, at)
	f.outside = !f.known || f.agency.Level == directory.Citizen || f.agency.Level == directory.Enterprise
	if f.known {
		f.ready = f.agency.Ready(at)
		r.gatherAgency(f, dir)
	}
	r.mark(f, dimChannel, s.Channel)
	r.mark(f, dimReceiver, s.Receiver)
	r.mark(f, dimReceiver, s.Mailbox)
	r.mark(f, dimSecrecy, s.Document.Secrecy)
	r.mark(f, dimUrgency, s.Document.Urgency)
	if len(r.symbols[dimAnswer]) > 0 {
		r.mark(f, dimAnswer, s.Context.Answers)
		for _, number := range s.Context.AlsoAnswers {
			r.mark(f, dimAnswer, number)
		}
	}
	f.unknownType = r.markKnown(f, dimType, s.Document.Type)
	r.markKnown(f, dimSeal, s.Document.Seal)
	r.markKnown(f, dimSignature, s.Document.Signature)
	for _, c := range s.Context.AlsoReceived {
		r.mark(f, dimAlso, c)
	}
	r.gatherDomain(f)
	r.gatherPurposes(f)
	f.flag(flagReady, &f.ready)
	f.flag(flagInDirectory, &f.known)
	answers := len(s.Context.AlsoAnswers) > 0 || clean(s.Context.Answers) != ""
	f.flag(flagAnswers, &answers)
	f.flag(flagMainFile, s.Document.MainFile)
	f.flag(flagEditableFile, s.Document.EditableFile)
	f.flag(flagElectronic, s.Context.WithElectronicFile)
	f.flag(flagPaper, s.Context.WithPaper)
}

// flag notes a flag; nil is unknown.
func (f *facts) flag(which flag, value *bool) {
	if value == nil {
		f.maybe[0] |= flagBit(which, true) | flagBit(which, false)
		return
	}
	f.yes[0] |= flagBit(which, *value)
}

// sender finds who sent it: the agency named is taken as given, else the address is looked up.
func sender(s *Sender, dir *directory.Directory, at time.Time) (directory.Agency, bool) {
	if s.Agency != "" {
		return dir.Find(s.Agency, at)
	}
	if s.Address == "" {
		return directory.Agency{}, false
	}
	m := dir.ByAddress(s.Address, at)
	if m.Agency == "" {
		return directory.Agency{}, false
	}
	return dir.Agency(m.Agency, at)
}

// set notes a symbol of a dim.
func (f *facts) set(words []uint64, d dim, id int) {
	words[int(f.layout.first[d])+id/64] |= 1 << (id % 64)
}

// has says whether the submission surely has this value of a dim.
func (f *facts) has(d dim, id int) bool {
	return f.yes[int(f.layout.first[d])+id/64]&(1<<(id%64)) != 0
}

// meets says whether the submission has one of the values of a dim.
func (f *facts) meets(d dim, set bits) bool {
	first := int(f.layout.first[d])
	for i, w := range set {
		if f.yes[first+i]&w != 0 {
			return true
		}
	}
	return false
}

// mark notes a value and says whether there is one.
func (r *Rules) mark(f *facts, d dim, value string) bool {
	if value == "" {
		return false
	}
	folded := dimensions[d].fold(value)
	if id, ok := r.symbols[d][folded]; ok {
		f.set(f.yes, d, id)
	}
	return folded != ""
}

// markKnown notes a value and says whether it is unknown; then it may be any.
func (r *Rules) markKnown(f *facts, d dim, value string) (unknown bool) {
	if r.mark(f, d, value) {
		return false
	}
	f.any(r, d)
	return true
}

// any notes that the submission may have any value of a dim.
func (f *facts) any(r *Rules, d dim) {
	for id := range (len(r.symbols[d]) + 63) / 64 {
		f.maybe[int(f.layout.first[d])+id] = ^uint64(0)
	}
}

// gatherAgency notes the names by which rules may call the agency. A code or alias counts only when the directory finds this very agency
// under it.
func (r *Rules) gatherAgency(f *facts, dir *directory.Directory) {
	if len(r.symbols[dimAgency]) > 0 {
		r.markAgency(f, dir, f.agency.ID)
		r.markAgency(f, dir, f.agency.Code)
		for _, alias := range f.agency.Aliases {
			r.markAgency(f, dir, alias)
		}
	}
	for _, g := range f.agency.Groups {
		r.mark(f, dimGroup, g)
	}
	r.mark(f, dimLevel, string(f.agency.Level))
}

func (r *Rules) markAgency(f *facts, dir *directory.Directory, name string) {
	id, ok := r.symbols[dimAgency][foldCode(name)]
	if !ok {
		return
	}
	if name != f.agency.ID {
		if found, ok := dir.Find(name, f.at); !ok || found.ID != f.agency.ID {
			return
		}
	}
	f.set(f.yes, dimAgency, id)
}

// gatherDomain notes the domain of the address and every domain above it.
func (r *Rules) gatherDomain(f *facts) {
	if len(r.symbols[dimDomain]) == 0 {
		return
	}
	domain := foldDomain(domainOf(f.s.Sender.Address))
	if domain == "" {
		f.any(r, dimDomain)
	}
	for domain != "" {
		if id, ok := r.symbols[dimDomain][domain]; ok {
			f.set(f.yes, dimDomain, id)
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
}

// domainOf is what stands behind the @; empty where there is none.
func domainOf(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return ""
	}
	return address[at+1:]
}

// gatherPurposes takes the purpose that the submission names; when it names none, every class that fits.
func (r *Rules) gatherPurposes(f *facts) {
	if len(r.purposes) == 0 || r.mark(f, dimPurpose, f.s.Document.Purpose) {
		return
	}
	if r.words && f.subject.exact == "" { // else nobody asks for the subject
		f.subject = foldSubject(f.s.Document.Subject)
	}
	for i := range r.purposes {
		switch p := &r.purposes[i]; p.holds(f, f.subject) {
		case yes:
			f.set(f.yes, dimPurpose, p.symbol)
		case unsure:
			f.set(f.maybe, dimPurpose, p.symbol)
		}
	}
}
