package charset

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// guess is one way to read a sample. Readings that give the same letters are one guess: their chances add up.
type guess struct {
	name  string
	score float64
	print uint64 // of the letters that come out, in small ones
}

// Chances that a text without a usable label is so coded, before its letters are looked at; logarithms, windows-1252 is 0.
var prior = map[string]float64{name1258: 1, nameTCVN3: 1, nameVNI: 0.5, nameVISCII: 0, nameTCVN: -1, nameVPS: -1}

const (
	priorLatinOnly = -2  // Vietnamese that happens to need no letter beyond Latin-1
	priorLatin     = 1.5 // for a label that says windows-1252, iso-8859-1 and the like
	priorUTF8      = 2.0 // for one that says UTF-8
	priorLabel     = 3.5 // for one that names a Vietnamese charset
	priorHint      = 3.0 // for what the body of the same message is written in
	priorUnicode   = 4.0 // for text that is UTF-8 already and says something as it stands
)

// doubt is the chance of being right below which a label is overruled; sure is the confidence in another reading that text needs which is
// valid UTF-8 as it stands.
const (
	doubt = 0.1
	sure  = 0.98
)

// detector gathers guesses about one text.
type detector struct {
	sample
	guesses [len(codecs) + 4]guess
	n       int
}

func (d *detector) add(g guess) {
	d.guesses[d.n] = g
	d.n++
}

// weigh judges the sample by every Vietnamese charset and as Western text by table. A label or hint is worth what it adds to its guess.
func (d *detector) weigh(table *oneByteTable, own, hint string) {
	var buf [maxWord]rune
	plain := d.plainWeight()
	for i := range codecs {
		c := &codecs[i]
		g := guess{name: c.name, score: prior[c.name] + plain, print: fnvStart}
		for _, w := range d.words {
			r := c.runes(buf[:0], w)
			g.score += vietnamese(r, c.shared)
			g.see(r)
		}
		d.add(g.told(own, hint))
	}
	asWestern := guess{name: name1252, print: fnvStart}
	asVietnamese := guess{name: name1252, score: plain, print: fnvStart} // "Thông báo" needs no letter beyond Latin-1
	own1252 := codec{table: table}
	for _, w := range d.words {
		r := own1252.runes(buf[:0], w)
		asWestern.score += western(r)
		asVietnamese.score += vietnamese(r, false)
		asWestern.see(r)
	}
	asVietnamese.print = asWestern.print
	asWestern, asVietnamese = asWestern.told(own, hint), asVietnamese.told(own, hint)
	asVietnamese.score += priorLatinOnly
	d.add(asWestern)
	d.add(asVietnamese)
}

// told adds what a label and the rest of the message say.
func (g guess) told(own, hint string) guess {
	if g.name == own {
		g.score += map[bool]float64{true: priorLatin, false: priorLabel}[own == name1252]
	}
	if g.name == hint && hint != name1252 {
		g.score += priorHint
	}
	return g
}

const fnvStart = 14695981039346656037

func (g *guess) see(w []rune) {
	for _, r := range w {
		g.print = (g.print ^ uint64(unicode.ToLower(r))) * 1099511628211
	}
	g.print = (g.print ^ ' ') * 1099511628211
}

// weighUTF8 judges bytes that are not quite UTF-8 as damaged UTF-8.
func (d *detector) weighUTF8(b []byte, own string) {
	g := guess{name: nameUTF8, print: 1}
	good := 0
	cut, isCut := cutUTF8(b)
	if isCut && cut < len(b)-1 {
		good++ // more than the first byte of the letter is there
	}
	for _, w := range d.words {
		for len(w) > 0 {
			r, n := utf8.DecodeRune(w)
			switch {
			case n > 1:
				g.score += sequenceWeight(r)
				good++
			case r < 0x20:
				g.score += weightControl
			case r != utf8.RuneError:
			case isCut && string(b[cut:]) == string(w) && good > 0:
				g.score += weightCut
				n = len(w)
			default:
				g.score += weightDamage
			}
			w = w[n:]
		}
	}
	if own == nameUTF8 && good > 0 {
		g.score += priorUTF8
	}
	if good > 0 || own == nameUTF8 {
		d.add(g)
	}
}

// weighForeign adds the charset of another language that the rest of the message is written in. Nothing is known of its words: it is right
// unless the letters make Vietnamese ones.
func (d *detector) weighForeign(hint string) {
	d.add(guess{name: hint, score: priorHint, print: 2})
}

// sequenceWeight of a rune that a sequence of UTF-8 gave: more for those of Vietnamese text, nothing for those that pairs of letters in
// one-byte charsets make by chance.
func sequenceWeight(r rune) float64 {
	switch {
	case r >= 0x1E00 && r < 0x2040:
		return weightTriple
	case r >= 0xC0 && r < 0x500, r >= 0x800:
		return weightSequence
	}
	return 0
}

// best gives the likeliest reading and how sure it is. A reading called own stays while its chance is above doubt.
func (d *detector) best(own string, doubt float64) (string, float64) {
	top := 0
	for i := 1; i < d.n; i++ {
		if d.guesses[i].score > d.guesses[top].score {
			top = i
		}
	}
	chance := func(print uint64) float64 {
		sum, with := 0.0, 0.0
		for _, g := range d.guesses[:d.n] {
			e := math.Exp(g.score - d.guesses[top].score)
			sum += e
			if g.print == print {
				with += e
			}
		}
		return with / sum
	}
	confidence := chance(d.guesses[top].print)
	for _, g := range d.guesses[:d.n] {
		if g.name != own {
			continue
		}
		if p := chance(g.print); g.print == d.guesses[top].print || p > doubt {
			return own, min(p, mostSure)
		}
		break
	}
	return d.guesses[top].name, min(confidence, mostSure)
}

// mostSure is where the model stops to mean anything.
const mostSure = 0.999
