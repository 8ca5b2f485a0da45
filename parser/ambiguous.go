package parser

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxSecondReading is how many bytes all second readings of one message, those of messages inside it included, may read: twelve times its size and 32 MiB more, which covers what
// happens in use (one reading goes over every byte once for each level of multiparts, and once for the digest), and never more than this.
const maxSecondReading = 768 << 20

// judge reads the message again where the walk met forks, once by the letter and once for each habit that a fork stands for, and says
// so when one of these readings finds other files. What the walk read is not changed by it.
//
// Text bodies are not compared: what a person reads of them is decided elsewhere. Files that were uuencoded in a text are not either: they
// are older than MIME, whoever extracts them finds the same ones.
func (k *walker) judge() {
	if k.forks&forkLimit != 0 {
		k.found.add(Ambiguous, k.place(""), "a limit cut what other programs read")
		return
	}
	if k.forks == 0 || k.w.err != nil {
		return
	}
	left := &k.shared.second
	for _, flip := range k.forks.readings() {
		r := newReading(k.w.r, k.lim, flip, left)
		if flip&forkCR != 0 {
			r.r = bareCR{k.w.r}
		}
		r.message(span{0, k.size}, k.depth, true)
		switch {
		case *left < 0:
			k.found.add(Ambiguous, k.place(""), "too much to be read a second time")
			return
		case r.cutOff:
			k.found.add(Ambiguous, k.place(""), "a limit cut a second reading")
			return
		case !sameFiles(k.files, r.files, flip&forkCR != 0):
			k.found.add(Ambiguous, k.place(""), fmt.Sprintf("%d files, %d when read %s", len(filled(k.files)), len(filled(r.files)), flip))
			return
		}
	}
}

// readings are the habits to read by: none, each alone, and all together. A CR that ends a line can make a second field.
func (f fork) readings() []fork {
	f &^= forkLetter | forkLimit
	if f&forkCR != 0 {
		f |= forkFields
	}
	out := []fork{forkLetter}
	for flip := forkLetter << 1; flip < forkLimit; flip <<= 1 {
		if f&flip != 0 {
			out = append(out, flip)
		}
	}
	if len(out) > 2 {
		out = append(out, f)
	}
	return out
}

// String says how a reading with this habit goes about, for the note of a finding.
func (f fork) String() string {
	switch f {
	case forkFields:
		return "by the last of several fields"
	case forkParams:
		return "by the last of several parameters, without comments and escapes"
	case forkNames:
		return "by the other file name"
	case forkNUL:
		return "up to the NUL"
	case forkEncoding:
		return "by the likeness of an encoding's name"
	case forkEncoded:
		return "with the multipart decoded first"
	case forkPadded:
		return "with a line of blanks as the end of a header"
	case forkColon:
		return "without fields that have a blank before the colon"
	case forkPrefix:
		return "with every line that begins like a delimiter as one"
	case forkCR:
		return "with CR alone as a line end"
	case forkLetter, 0:
		return "by the letter"
	}
	return "by several such habits at once"
}

// sameFiles compares two readings, whatever the order. bySize compares sizes instead of digests: where CR was read as LF, files that are
// not encoded differ in just that.
func sameFiles(a, b []fileKey, bySize bool) bool {
	a, b = filled(a), filled(b)
	if len(a) != len(b) {
		return false
	}
	for _, l := range [2][]fileKey{a, b} {
		slices.SortFunc(l, func(x, y fileKey) int {
			if bySize {
				return cmp.Or(cmp.Compare(x.size, y.size), cmp.Compare(x.ext, y.ext))
			}
			return cmp.Or(cmp.Compare(x.sum, y.sum), cmp.Compare(x.ext, y.ext))
		})
	}
	for i := range a {
		if !bySize && a[i].sum != b[i].sum || a[i].size != b[i].size || otherExtension(a[i].ext, b[i].ext) {
			return false
		}
	}
	return true
}

// filled leaves out files without content: nothing can be hidden in them, and readings that cut a text in pieces make them.
func filled(l []fileKey) []fileKey {
	return slices.DeleteFunc(slices.Clone(l), func(f fileKey) bool { return f.size == 0 })
}

// extension is what follows the last dot of a file name, in lower case, if it is one: up to eight letters and digits. Blanks and dots at
// the end are not counted, because Windows drops them, and what stands before a path separator is none of it.
func extension(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimRight(name, ". \t\"'\x00")
	i := strings.LastIndexByte(name, '.')
	if i < 0 || len(name)-i-1 > 8 || i == len(name)-1 {
		return ""
	}
	ext := strings.ToLower(name[i+1:])
	for _, c := range []byte(ext) {
		if !isDigit(c) && (c < 'a' || c > 'z') {
			return ""
		}
	}
	return ext
}

// otherExtension says whether two extensions make a file be opened differently. A name without one beside a name with one is common (old
// mailers cut names) and harmless, unless the one is that of a program.
func otherExtension(a, b string) bool {
	return a != b && (a != "" && b != "" || executableExt[a] || executableExt[b])
}
