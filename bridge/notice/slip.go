package notice

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/report"
	"github.com/giaolien/giaolien/mapping"
)

// slipName is the file name of the slip, in ASCII so that every mail program shows it. Other offices know it by it.
const slipName = mapping.SlipName

// returns says whether a notice of this kind sends the document back, which is what a phiếu trả lại goes with. "Not counted as done" is also
// said of documents that were registered and stay here.
func (in *Input) returns(k Kind) bool {
	return in.Decision.Verdict == policy.Reject && slices.Contains([]Kind{Refuse, NotCounted, Return}, k)
}

// drawn is a slip that is drawn already.
type drawn struct {
	of  report.Slip
	pdf []byte
}

// Draw draws the slip of a draft before its notice has numbers, so that the transaction which gives them does not last as long as that takes
// (fonts are cut and compressed). at is when that will be, or nearly. Render draws it anew where the words come out otherwise: when midnight
// passed in between, or when the administrator's own text names the time or a number.
func Draw(d Draft, at time.Time) (Draft, error) {
	d.drawn = nil
	if !d.Slip {
		return d, nil
	}
	s := d.slipOf(Numbers{At: at})
	pdf, err := draw(s)
	if err == nil {
		d.drawn = &drawn{s, pdf}
	}
	return d, err
}

// Drawn says whether the slip is drawn already.
func (d *Draft) Drawn() bool { return d.drawn != nil }

// slip gives the words of the notice on paper.
func (d *Draft) slip(n Numbers) ([]byte, error) {
	s := d.slipOf(n)
	if d.drawn != nil && same(d.drawn.of, s) {
		return d.drawn.pdf, nil
	}
	return draw(s)
}

func draw(s report.Slip) ([]byte, error) {
	var b bytes.Buffer
	if err := report.WriteSlip(&b, s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func same(a, b report.Slip) bool {
	return a.Name == b.Name && slices.Equal(a.Head, b.Head) && a.Dated == b.Dated && a.Title == b.Title && slices.Equal(a.Lines, b.Lines) &&
		a.Check == b.Check && a.Made.Equal(b.Made)
}

// slipOf takes letterhead, place and date from above the words of the notice. The slip is dated by the day.
func (d *Draft) slipOf(n Numbers) report.Slip {
	lines := unwrap(substitute(d.Body, n))
	year, month, day := n.At.In(vietnam).Date()
	s := report.Slip{Name: "Phiếu trả lại " + clean(d.Receipt, 40), Title: "PHIẾU TRẢ LẠI", Check: d.Verify, Made: time.Date(year, month, day, 0, 0, 0, 0, vietnam)}
	for len(lines) > 0 && heading(lines[0]) {
		s.Head, lines = append(s.Head, lines[0]), lines[1:]
	}
	rest := lines
	for len(rest) > 0 && rest[0] == "" {
		rest = rest[1:]
	}
	if len(s.Head) > 0 && len(rest) > 0 && strings.HasSuffix(rest[0], vnDate(n.At)) {
		s.Dated, lines = rest[0], rest[1:]
	}
	s.Lines = lines
	return s
}
