package pdfsign

import "testing"

// TestTruncated cuts a signed file within its signature, so far behind its last table that readers look for objects byte by byte: that there
// is none is no fact then.
func TestTruncated(t *testing.T) {
	p := newPDF(t).save().sign(newSigner(t))
	whole := p.b
	for _, s := range p.read().Signatures {
		for _, end := range []int64{s.Range[1] + 1100, s.Range[1] + 5000, s.Range[2] - 1} {
			p.b = whole[:end]
			if rep := p.read(); rep.Complete || JudgeFile(&rep, roots(), judged).State == Absent {
				t.Errorf("cut at %d: %s", end, summary(&rep))
			}
		}
	}
}
