package vanban

// Sure is the confidence from which on a reading off a picture is taken as sure: it may disagree with a better source, tell two documents of
// a mail apart, and stand in the register unseen. A labelled number has it on a page whose words OCR is 78 % sure of, a date or a type from
// 88 % on; a clean scan at 200 dpi has about 95 %.
const Sure = 0.7

// Unsure says whether a field was read off a picture, and not surely: a person looks at it before anything rests on it.
func (s Source) Unsure() bool { return s.From == FromOCR && s.Confidence < Sure }

// unsure says whether one of two readings of a field was made off a picture and is not sure: whatever they differ in may be OCR's.
func (d *Document) unsure(o *Document, field string) bool {
	return d.Sources[field].Unsure() || o.Sources[field].Unsure()
}

// seen says whether one of two readings of a field was made off a picture.
func (d *Document) seen(o *Document, field string) bool {
	return d.Sources[field].From == FromOCR || o.Sources[field].From == FromOCR
}

// certified says whether one of two readings of a field was made of a signature.
func (d *Document) certified(o *Document, field string) bool {
	return d.Sources[field].From == FromSignature || o.Sources[field].From == FromSignature
}

// Misread says whether two numbers, in the form of NumberKey, may be one that OCR read badly: their số are equal and their ký hiệu differ
// in a letter or two ("12/ubno-vp"). A số is compared strictly: one wrong digit makes another document of it.
func Misread(a, b string) bool {
	soA, kyA := SplitNumber(a)
	soB, kyB := SplitNumber(b)
	return soA == soB && soA != "" && alike(kyA, kyB)
}

// alike says whether two folded texts differ by no more than OCR misreads: one letter in seven, at least one.
func alike(a, b string) bool {
	most := max(1, max(len(a), len(b))/7)
	return len(a)-len(b) <= most && len(b)-len(a) <= most && Apart(a, b) <= most
}

// maxCompared bounds what is compared letter by letter, in bytes: a name or a ký hiệu is shorter.
const maxCompared = 300

// Apart counts the bytes that must be put in, left out or changed to make b of a (Levenshtein); of each the first 300 are compared.
func Apart(a, b string) int {
	a, b = a[:min(len(a), maxCompared)], b[:min(len(b), maxCompared)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
