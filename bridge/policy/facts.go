package policy

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// facts are what the rules can ask about one submission at one instant, with every value turned into the symbols of the rules.
type facts struct {
	s       *Submission
	at      time.Time
	agency  directory.Agency
	known   bool // the sender is in the directory
	outside bool // citizen, enterprise or not in the directory: reached only by rules that say so
	yes     [dims]bits
	maybe   [dims]bits
	unknown [dims]bool
	flags   [flags]truth
	store   [2 * dims]uint64 // first words of yes and maybe, so that small rule sets need no further memory
	said    [dims]string     // Vietnamese: the submission's own value, made when first needed
	clock   string
}

// gather looks the sender up and turns the submission into facts.
func (r *Rules) gather(f *facts, s *Submission, dir *directory.Directory, at time.Time) {
	f.s, f.at = s, at
	for d := range dims {
		f.yes[d], f.maybe[d] = f.store[2*d:2*d:2*d+1], f.store[2*d+1:2*d+1:2*d+2]
	}
	f.agency, f.known = sender(s.Sender, dir, at)
	f.outside = !f.known || f.agency.Level == directory.Citizen || f.agency.Level == directory.Enterprise
	if f.known {
		r.gatherAgency(f, dir)
	}
	r.mark(f, dimChannel, s.Channel)
	r.mark(f, dimReceiver, s.Receiver)
	r.mark(f, dimReceiver, s.Mailbox)
	r.mark(f, dimSecrecy, s.Document.Secrecy)
	r.mark(f, dimUrgency, s.Document.Urgency)
	r.mark(f, dimAnswer, s.Context.Answers)
	for _, number := range s.Context.AlsoAnswers {
		r.mark(f, dimAnswer, number)
	}
	f.unknown[dimType] = !r.mark(f, dimType, s.Document.Type)
	f.unknown[dimSeal] = !r.mark(f, dimSeal, s.Document.Seal)
	f.unknown[dimSignature] = !r.mark(f, dimSignature, s.Document.Signature)
	for _, c := range s.Context.AlsoReceived {
		r.mark(f, dimAlso, c)
	}
	r.gatherDomain(f)
	r.gatherPurposes(f)
	f.flags = [flags]truth{
		flagReady: sure(f.known && f.agency.Ready(at)), flagInDirectory: sure(f.known), flagAnswers: sure(clean(s.Context.Answers) != "" || len(s.Context.AlsoAnswers) > 0),
		flagMainFile: tri(s.Document.MainFile), flagEditableFile: tri(s.Document.EditableFile),
		flagElectronic: tri(s.Context.WithElectronicFile), flagPaper: tri(s.Context.WithPaper),
	}
}

// sender finds who sent it: the agency named is taken as given, else the address is looked up.
func sender(s Sender, dir *directory.Directory, at time.Time) (directory.Agency, bool) {
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

// mark notes a value and says whether there is one.
func (r *Rules) mark(f *facts, d dim, value string) bool {
	if value == "" {
		return false
	}
	folded := dimensions[d].fold(value)
	if id, ok := r.symbols[d][folded]; ok {
		f.yes[d].set(id)
	}
	return folded != ""
}

// gatherAgency notes the names by which rules may call the agency. A code or alias counts only when the directory finds this very agency
// under it.
func (r *Rules) gatherAgency(f *facts, dir *directory.Directory) {
	r.markAgency(f, dir, f.agency.ID)
	r.markAgency(f, dir, f.agency.Code)
	for _, alias := range f.agency.Aliases {
		r.markAgency(f, dir, alias)
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
	f.yes[dimAgency].set(id)
}

// gatherDomain notes the domain of the address and every domain above it.
func (r *Rules) gatherDomain(f *facts) {
	address := f.s.Sender.Address
	domain := foldDomain(address[strings.LastIndexByte(address, '@')+1:])
	f.unknown[dimDomain] = domain == ""
	for domain != "" {
		if id, ok := r.symbols[dimDomain][domain]; ok {
			f.yes[dimDomain].set(id)
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
}

// gatherPurposes takes the purpose that the submission names; when it names none, every class that fits.
func (r *Rules) gatherPurposes(f *facts) {
	if len(r.purposes) == 0 || r.mark(f, dimPurpose, f.s.Document.Purpose) {
		return
	}
	subject := foldPhrase(f.s.Document.Subject)
	for i := range r.purposes {
		switch p := &r.purposes[i]; p.holds(f, subject) {
		case yes:
			f.yes[dimPurpose].set(p.symbol)
		case unsure:
			f.maybe[dimPurpose].set(p.symbol)
		}
	}
}

func tri(b *bool) truth {
	if b == nil {
		return unsure
	}
	return sure(*b)
}
