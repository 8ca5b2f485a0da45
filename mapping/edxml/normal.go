package edxml

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/giaolien/giaolien/parser/sidecar"
)

// normal gives the document as it is written: texts in their form, no empty members of lists, each receiver once, times to the second.
// Nothing of e is changed.
func (e Edoc) normal() Edoc {
	e.To, e.Answers, e.Trace, e.Files = slices.Clone(e.To), slices.Clone(e.Answers), slices.Clone(e.Trace), slices.Clone(e.Files)
	e.Tasks, e.ToPlaces, e.Other.Appendixes = slices.Clone(e.Tasks), slices.Clone(e.ToPlaces), slices.Clone(e.Other.Appendixes)
	e.Business.Replaces = slices.Clone(e.Business.Replaces)
	for i := range e.Business.Replaces {
		e.Business.Replaces[i].OrganIDs = slices.Clone(e.Business.Replaces[i].OrganIDs)
	}
	if u := e.Business.Update; u != nil {
		e.Business.Update = &Update{Document: u.Document, Receivers: u.Receivers, List: dropped(slices.Clone(u.List), func(Receiver) bool { return false })}
	}
	settle(e.fields())
	for i := range e.Files {
		e.Files[i].Name = baseName(e.Files[i].Name)
		e.Files[i].ContentID = strings.TrimPrefix(e.Files[i].ContentID, "cid:")
	}
	for i := range e.Trace {
		e.Trace[i].At = second(e.Trace[i].At)
	}
	for i := range e.Business.Replaces {
		e.Business.Replaces[i].OrganIDs = filled(e.Business.Replaces[i].OrganIDs)
	}
	e.Tasks, e.ToPlaces, e.Other.Appendixes = filled(e.Tasks), filled(e.ToPlaces), filled(e.Other.Appendixes)
	e.Answers = dropped(e.Answers, func(r Reference) bool { return r == Reference{} })
	seen := map[Organ]bool{}
	e.To = dropped(e.To, func(o Organ) bool { again := seen[o]; seen[o] = true; return again || o == Organ{} })
	return e
}

// normal gives the status as it is written.
func (s Status) normal() Status {
	settle(s.fields())
	s.At = second(s.At)
	s.Code = StatusCode(sidecar.StatusCode(strings.TrimSpace(string(s.Code))))
	return s
}

// baseName is a file's name without folders.
func baseName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	if s == "." || s == ".." {
		return ""
	}
	return s
}

func second(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.In(vietnam()).Truncate(time.Second)
}

// dropped gives the list without some of its members, nil when nothing is left.
func dropped[T any](list []T, drop func(T) bool) []T {
	if list = slices.DeleteFunc(list, drop); len(list) == 0 {
		return nil
	}
	return list
}

func filled(list []string) []string { return dropped(list, func(s string) bool { return s == "" }) }

func settle(fields []field) {
	for _, f := range fields {
		*f.value = f.form.of(*f.value)
	}
}

// of gives a text in the form. What programs write for nothing is nothing.
func (f form) of(s string) string {
	switch f {
	case identity:
		s = strings.TrimSpace(strings.ToValidUTF8(s, "\uFFFD"))
		if sidecar.Clean(s) == "" {
			return ""
		}
		return s
	case lines:
		s = writableText(s)
		s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
		list := strings.Split(s, "\n")
		for i := range list {
			list[i] = sidecar.Clean(list[i])
		}
		return strings.TrimSpace(strings.Join(list, "\n"))
	}
	return sidecar.Clean(writableText(s))
}

// writableText leaves out the two characters that XML cannot hold and that are no control characters: texts out of PDFs have them.
func writableText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s)
}

// Fit shortens the texts that are longer than the register of the receiver has room for (NĐ 30/2020, Phụ lục VI), at the end of a word and
// with an ellipsis, and says which. Identities, numbers and addresses are left whole: a part of one is another one.
func (e Edoc) Fit() (Edoc, []Finding) {
	e = e.normal()
	var r report
	fit(e.fields(), &r)
	for i := range e.Files { // an extension that was cut off comes back
		f := &e.Files[i]
		if utf8.RuneCountInString(f.Name) > maxFileName {
			f.Name = shortName(f.Name)
			r.add(Cut, Warning, nth("AttachmentEncoded/Attachment", i)+"/AttachmentName", "")
		}
	}
	total := 0
	for i, p := range e.ToPlaces {
		if total += utf8.RuneCountInString(p); total > maxPlaces {
			e.ToPlaces = e.ToPlaces[:i]
			r.add(Cut, Warning, "MessageHeader/ToPlaces", register)
			break
		}
	}
	return e, r.list
}

// maxPlaces is how long all places together may be (NĐ 30/2020, Phụ lục VI), in runes.
const maxPlaces = 1000

// Fit shortens the description and the names of a status as Edoc.Fit does.
func (s Status) Fit() (Status, []Finding) {
	s = s.normal()
	var r report
	fit(s.fields(), &r)
	return s, r.list
}

func fit(fields []field, r *report) {
	for _, f := range fields {
		if f.whole || f.max == 0 || utf8.RuneCountInString(*f.value) <= f.max || strings.HasSuffix(f.path, "/AttachmentName") {
			continue
		}
		*f.value = shorten(*f.value, f.max)
		r.add(Cut, Warning, f.path, register)
	}
}

// shorten cuts a text to n runes, at a blank when there is one in its second half.
func shorten(s string, n int) string {
	s = string([]rune(s)[:n-1])
	if at := strings.LastIndexAny(s, " \n"); at > len(s)/2 {
		s = s[:at]
	}
	return strings.TrimSpace(s) + "…"
}

func shortName(name string) string {
	stem, ext := name, ""
	if at := strings.LastIndexByte(name, '.'); at > 0 && len(name)-at <= 10 {
		stem, ext = name[:at], name[at:]
	}
	return string([]rune(stem)[:maxFileName-1-utf8.RuneCountInString(ext)]) + "…" + ext
}
