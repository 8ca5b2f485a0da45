package pdfsign

import (
	"bytes"
	"slices"
)

const (
	maxHits    = 1000   // places with the word ByteRange
	maxBack    = 8      // beginnings of objects that are tried before such a place
	maxHeaders = 50_000 // objects that are listed behind a signature
	headerText = 24     // bytes in which the two numbers before "obj" stand
)

var byteRange = []byte("/ByteRange")

// searchFile looks for signatures byte by byte: forms may be broken, and what is behind the last table is seen by some readers only.
// Where the tables are whole, only what they name counts: a PDF file inside this one is not signed here.
func (d *document) searchFile() {
	end := min(d.w.size, d.lim.Search)
	d.lim.Search -= end
	d.rep.Complete = end == d.w.size && !d.dropped
	var hits []int64
	d.w.each(0, end, len(byteRange)-1, func(at int64, b []byte) bool {
		for i := 0; ; i++ {
			n := bytes.Index(b[i:], byteRange)
			if n < 0 {
				return true
			}
			i += n
			if hits = append(hits, at+int64(i)); len(hits) > maxHits {
				return false
			}
		}
	})
	if end < d.w.size || len(hits) > maxHits {
		d.rep.Complete = false
		d.problem(Limit, "the file is larger, or speaks of more signatures, than is searched")
	}
	for _, hit := range hits[:min(len(hits), maxHits)] {
		d.hit(hit)
	}
	d.rep.Complete = d.rep.Complete && !d.dropped
}

// hit takes the dictionary in which a ByteRange stands.
func (d *document) hit(at int64) {
	for i := range d.found {
		if c := &d.found[i]; c.object.at >= 0 && c.dict.at < at && at < c.dict.end {
			return
		}
	}
	from, broken := at, false
	for range maxBack {
		var ok bool
		if from, ok = d.objectBefore(from, at-int64(d.lim.Object+d.lim.Contents)); !ok {
			break
		}
		o, err := d.objectAt(from)
		if err != nil {
			broken = true
			continue
		}
		if v := innermost(&o.value, at); v != nil && v.has("ByteRange") {
			d.dictionary(o, v)
			return
		}
		if at < o.value.end || o.stream > 0 && !broken {
			return // words in a string or in a stream
		}
	}
	if !d.sound || !d.walked {
		d.rep.Complete = false // it may be a signature that is broken, or too large
	}
}

// dictionary takes a dictionary that was found by its bytes.
func (d *document) dictionary(o object, v *value) {
	c := candidate{object: o, dict: *v}
	if d.sound {
		if e, ok := d.now.find(o.num); !ok || e.state != plain || !d.startsAt(e.pos, o.at) {
			return
		}
		if d.walked {
			c.fault = Removed
		}
	}
	if o.num == d.rights && d.rights > 0 {
		d.problem(UsageRights, "")
		return
	}
	d.take(c)
}

// startsAt says whether an entry names the object whose number stands at an offset: nothing but blanks is between.
func (d *document) startsAt(pos, at int64) bool {
	for pos < at && isSpace(d.w.at(pos)) {
		pos++
	}
	return pos == at
}

// innermost gives the innermost dictionary around an offset.
func innermost(v *value, at int64) *value {
	if at < v.at || at >= v.end {
		return nil
	}
	for i := range v.list {
		if in := innermost(&v.list[i], at); in != nil {
			return in
		}
	}
	if v.kind != dict {
		return nil
	}
	return v
}

// objectBefore gives the offset of the nearest object header (7.3.10) that begins before an offset, and not before another one.
func (d *document) objectBefore(before, from int64) (int64, bool) {
	from = max(0, from)
	for at := before - 1; at >= from && d.lim.Parse > 0; at-- {
		d.lim.Parse--
		if d.w.at(at) == 'o' && d.w.holds(at, "obj") {
			if start, ok := d.headerAt(at); ok {
				return start, true
			}
		}
	}
	return 0, false
}

// headerAt gives the offset of the number of an object whose word "obj" stands at an offset.
func (d *document) headerAt(obj int64) (int64, bool) {
	at := obj
	for range 2 {
		blank := at
		for isSpace(d.w.at(at-1)) && obj-at < headerText {
			at--
		}
		digits := at
		for isDigit(d.w.at(at-1)) && obj-at < headerText {
			at--
		}
		if digits == blank || at == digits {
			return 0, false
		}
	}
	return at, !isRegular(d.w.at(obj + 3))
}

// headers are the offsets of all objects behind an offset, as far as they were searched.
type headers struct {
	from int64
	at   []int64
	full bool // there are more than are kept
}

// objectsBehind gives the offsets of all objects that begin behind an offset; ok is false when not all could be searched.
func (d *document) objectsBehind(from int64) (list []int64, ok bool) {
	h := &d.headers
	if from < h.from {
		if h.from-from > d.lim.Search {
			d.problem(Limit, "the file is larger than is searched")
			return nil, false
		}
		d.lim.Search -= h.from - from
		word := []byte("obj")
		d.w.each(from, min(h.from+2, d.w.size), len(word)-1, func(at int64, b []byte) bool {
			for i := 0; ; i++ {
				n := bytes.Index(b[i:], word)
				if n < 0 {
					return true
				}
				i += n
				start, found := d.headerAt(at + int64(i))
				if !found {
					continue
				}
				if len(h.at) >= maxHeaders {
					h.full = true
					return false
				}
				h.at = append(h.at, start)
			}
		})
		h.from = from
		slices.Sort(h.at)
		h.at = slices.Compact(h.at)
	}
	i, _ := slices.BinarySearch(h.at, from)
	return h.at[i:], !h.full
}
