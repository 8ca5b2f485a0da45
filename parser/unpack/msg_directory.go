package unpack

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Kinds of directory entries of a message, by name (MS-OXMSG, 2.2).
type cfbKind uint8

const (
	cfbOther      cfbKind = iota
	cfbProperties         // __properties_version1.0
	cfbValue              // __substg1.0_PPPPTTTT, a stream: one property
	cfbStorage            // __substg1.0_3701000D, a storage: an attached message or object
	cfbAttachment         // __attach_version1.0_#NNNNNNNN
	cfbDocument           // a stream of a Word file: one of documentStreams
)

// cfbEntry is a directory entry, as small as it can be: a hostile file has a hundred thousand.
type cfbEntry struct {
	kind               cfbKind
	tag                uint32 // of a property: id and type; of an attachment: its number
	left, right, child uint32
	start              uint32
	size               int64
}

// readCFBEntry reads one entry (MS-CFB, 2.6.1).
func readCFBEntry(b []byte, version uint16) cfbEntry {
	e := cfbEntry{left: le32(b[68:]), right: le32(b[72:]), child: le32(b[76:]), start: le32(b[116:]), size: int64(le32(b[120:]))}
	if high := le32(b[124:]); version > 3 && high != 0 { // version 3 writers leave rubbish there
		e.size |= int64(high&0x7FFFFFFF) << 32
	}
	var name strings.Builder
	for i := 0; i+1 < int(min(le16(b[64:]), 64)) && le16(b[i:]) != 0; i += 2 {
		if le16(b[i:]) >= 0x80 {
			return e // none of ours
		}
		name.WriteByte(b[i])
	}
	e.kind, e.tag = cfbKindOf(b[66], name.String())
	return e
}

// cfbKindOf tells what an entry is. Names are compared without case, as MS-CFB, 2.6.4 does.
func cfbKindOf(object byte, name string) (cfbKind, uint32) {
	const storage, stream = 1, 2
	name = strings.ToLower(name)
	hex, property := strings.CutPrefix(name, "__substg1.0_")
	switch {
	case object == stream && name == "__properties_version1.0":
		return cfbProperties, 0
	case object == storage && strings.HasPrefix(name, "__attach_version1.0_"):
		number, err := strconv.ParseUint(name[max(0, len(name)-8):], 16, 32)
		if err != nil {
			number = 0 // an odd name only spoils the order
		}
		return cfbAttachment, uint32(number)
	case object == stream && slices.Contains(documentStreams, name):
		return cfbDocument, uint32(slices.Index(documentStreams, name))
	case property && len(hex) == 8:
		tag, err := strconv.ParseUint(hex, 16, 32)
		switch {
		case err != nil:
		case object == stream:
			return cfbValue, uint32(tag)
		case object == storage && tag == prAttachData<<16|ptObject:
			return cfbStorage, uint32(tag)
		}
	}
	return cfbOther, 0
}

// cfbWalk goes through the trees of a directory. Every entry is met once, whatever cycles the links make.
type cfbWalk struct {
	c    *cfb
	seen []bool
}

func (c *cfb) walk() *cfbWalk {
	w := &cfbWalk{c: c, seen: make([]bool, len(c.entries))}
	w.seen[0] = true
	return w
}

// children lists what is in a storage and of use, ordered by tag. The siblings are a tree of any shape, so a stack of our own takes the place of recursion.
func (w *cfbWalk) children(of uint32) []uint32 {
	var list, stack []uint32
	push := func(i uint32) {
		switch {
		case i == cfbFree:
		case int64(i) >= int64(len(w.seen)):
			if !w.c.over {
				w.c.fail(nil)
			}
		case w.seen[i]:
			w.c.fail(nil)
		default:
			w.seen[i] = true
			stack = append(stack, i)
		}
	}
	push(w.c.entries[of].child)
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if w.c.entries[i].kind != cfbOther {
			list = append(list, i)
		}
		push(w.c.entries[i].right)
		push(w.c.entries[i].left)
	}
	slices.SortStableFunc(list, func(a, b uint32) int { return cmp.Compare(w.c.entries[a].tag, w.c.entries[b].tag) })
	return list
}
