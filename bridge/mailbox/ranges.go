package mailbox

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/emersion/go-imap/v2"

	"github.com/giaolien/giaolien/bridge"
)

// ranges is a set of UIDs: rising, neither overlapping nor touching. It is never expanded into single numbers as a whole, since a
// server can name four thousand million UIDs in 20 bytes.
type ranges []bridge.UIDRange

// makeRanges brings any list of ranges into order. Empty and reversed ones are dropped.
func makeRanges(in []bridge.UIDRange) ranges {
	in = slices.DeleteFunc(slices.Clone(in), func(r bridge.UIDRange) bool { return r.From == 0 || r.To < r.From })
	slices.SortFunc(in, func(a, b bridge.UIDRange) int { return cmp.Compare(a.From, b.From) })
	var out ranges
	for _, r := range in {
		if n := len(out); n > 0 && (out[n-1].To == math.MaxUint32 || r.From <= out[n-1].To+1) {
			out[n-1].To = max(out[n-1].To, r.To)
			continue
		}
		out = append(out, r)
	}
	return out
}

// single gives the set of these UIDs.
func single(uids ...uint32) ranges {
	in := make([]bridge.UIDRange, len(uids))
	for i, u := range uids {
		in[i] = bridge.UIDRange{From: u, To: u}
	}
	return makeRanges(in)
}

// fromSet takes over what a server answered; ok is false when it contains "*".
func fromSet(s imap.UIDSet) (out ranges, ok bool) {
	in := make([]bridge.UIDRange, 0, len(s))
	for _, r := range s {
		if r.Start == 0 || r.Stop == 0 {
			return nil, false
		}
		in = append(in, bridge.UIDRange{From: uint32(min(r.Start, r.Stop)), To: uint32(max(r.Start, r.Stop))})
	}
	return makeRanges(in), true
}

func (r ranges) set() imap.UIDSet {
	out := make(imap.UIDSet, len(r))
	for i, x := range r {
		out[i] = imap.UIDRange{Start: imap.UID(x.From), Stop: imap.UID(x.To)}
	}
	return out
}

func (r ranges) count() uint64 {
	var n uint64
	for _, x := range r {
		n += uint64(x.To-x.From) + 1
	}
	return n
}

func (r ranges) contains(uid uint32) bool {
	i, found := slices.BinarySearchFunc(r, uid, func(x bridge.UIDRange, u uint32) int { return cmp.Compare(x.From, u) })
	return found || i > 0 && r[i-1].To >= uid
}

// highest gives the greatest UID, 0 of an empty set.
func (r ranges) highest() uint32 {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].To
}

// from gives what is not below uid.
func (r ranges) from(uid uint32) ranges {
	if uid <= 1 {
		return r
	}
	return r.minus(ranges{{From: 1, To: uid - 1}})
}

// minus gives what is in r and not in s.
func (r ranges) minus(s ranges) ranges {
	var out ranges
	i := 0
	for _, x := range r {
		for i < len(s) && s[i].To < x.From {
			i++
		}
		from, whole := x.From, true
		for j := i; j < len(s) && s[j].From <= x.To; j++ {
			if s[j].From > from {
				out = append(out, bridge.UIDRange{From: from, To: s[j].From - 1})
			}
			if s[j].To >= x.To {
				whole = false
				break
			}
			from = s[j].To + 1
		}
		if whole && from <= x.To {
			out = append(out, bridge.UIDRange{From: from, To: x.To})
		}
	}
	return out
}

func (r ranges) plus(s ranges) ranges { return makeRanges(slices.Concat(r, s)) }

// list gives the UIDs of a set that is known to be small.
func (r ranges) list() []uint32 {
	var out []uint32
	for uids := range r.chunks(chunkMost) {
		out = append(out, uids...)
	}
	return out
}

// chunks gives the UIDs in rising order, at most n at a time.
func (r ranges) chunks(n int) iter.Seq[[]uint32] {
	return func(yield func([]uint32) bool) {
		var out []uint32
		for _, x := range r {
			for u := x.From; ; u++ {
				out = append(out, u)
				if len(out) == n {
					if !yield(out) {
						return
					}
					out = nil
				}
				if u == x.To {
					break
				}
			}
		}
		if len(out) > 0 {
			yield(out)
		}
	}
}
