package pdfsign

import "bytes"

const lookBack = 4 << 10 // bytes before an R in which its number is looked for

// references looks whether the signed revision refers to an object that it did not have: such a reference is nothing (ISO 32000-2,
// 7.3.10) until somebody appends the object, and then it shows what was not there when it was signed.
func (x *comparison) references() {
	if len(x.fresh) == 0 {
		return
	}
	d := x.d
	if x.end > d.lim.Search {
		d.problem(Limit, "the file is larger than is searched")
		x.grade(levelUnknown, "the signed revision is larger than is searched")
		return
	}
	d.lim.Search -= x.end
	hit := false
	d.w.each(0, x.end, lookBack, func(_ int64, b []byte) bool {
		hit = x.refers(b)
		return !hit
	})
	streams := map[int64]bool{}
	for _, s := range x.old.chain {
		for _, e := range s.entries {
			if hit || e.state != inStream || streams[e.pos] {
				continue
			}
			streams[e.pos] = true
			p, err := x.old.objectStream(e.pos)
			if err != nil {
				x.grade(levelUnknown, "an object stream of the signed revision cannot be read")
				return
			}
			hit = x.refers(p.data)
		}
	}
	if hit {
		x.grade(levelDocument, "an object was appended that the signed revision speaks of")
	}
}

// refers says whether a reference to a fresh object stands in b.
func (x *comparison) refers(b []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(b[i:], 'R')
		if n < 0 {
			return false
		}
		i += n
		if num, ok := referenceBefore(b[:i]); ok && x.fresh[num] || !ok && lost(b[:i]) {
			return true
		}
	}
}

// referenceBefore reads the number of a reference whose R stands behind b. Blanks and comments may stand between its words; readers also
// take it when none stands before the R.
func referenceBefore(b []byte) (int64, bool) {
	i, ok := numberBefore(b, blanksBefore(b, len(b)))
	if !ok {
		return 0, false
	}
	end := blanksBefore(b, i)
	if end == i {
		return 0, false
	}
	i, ok = numberBefore(b, end)
	n := int64(0)
	for _, c := range b[i:end] {
		n = n*10 + int64(c-'0')
	}
	return n, ok
}

// lost says whether so much stands between the words of a reference that its number may be before b. Nobody writes that but a forger.
func lost(b []byte) bool {
	end := blanksBefore(b, len(b))
	if i, ok := numberBefore(b, end); ok {
		end = blanksBefore(b, i)
	}
	return end == 0 && len(b) >= lookBack
}

// numberBefore gives where the digits before an offset begin.
func numberBefore(b []byte, end int) (int, bool) {
	i := end
	for i > 0 && isDigit(int(b[i-1])) && end-i < 18 {
		i--
	}
	return i, i < end
}

// blanksBefore gives where the blanks and comments before an offset begin.
func blanksBefore(b []byte, end int) int {
	for i := end; ; {
		line := false
		for i > 0 && isSpace(int(b[i-1])) {
			i--
			line = line || b[i] == '\n' || b[i] == '\r'
		}
		if !line || i > 0 && isDigit(int(b[i-1])) && !commented(b, i) {
			return i
		}
		start := i
		for start > 0 && b[start-1] != '\n' && b[start-1] != '\r' && i-start < lookBack {
			start--
		}
		comment := bytes.IndexByte(b[start:i], '%')
		if comment < 0 {
			return i
		}
		i = start + comment
	}
}

// commented says whether the line that ends at an offset has a comment.
func commented(b []byte, end int) bool {
	start := max(0, end-lookBack, bytes.LastIndexAny(b[:end], "\r\n")+1)
	return bytes.IndexByte(b[start:end], '%') >= 0
}
