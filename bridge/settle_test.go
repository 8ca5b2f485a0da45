package bridge

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
)

// A slip is drawn before the transaction; one that cannot be is the fault of that receipt alone, and nothing else is touched.
func TestSlipsAreDrawnBefore(t *testing.T) {
	w := &Worker{Now: func() time.Time { return time.Unix(1800000000, 0) }}
	refusal := notice.Draft{Kind: notice.Refuse, Receipt: "GL-2026-0000001", Slip: true, Body: "VĂN PHÒNG\n\nLý do\n"}
	s := Settlement{Outcome: Outcome{Notice: &refusal}}
	if err := w.draw(&s); err != nil || !s.Outcome.Notice.Drawn() {
		t.Errorf("not drawn: %v", err)
	}
	if refusal.Drawn() {
		t.Error("the outcome that was decided is changed")
	}
	receipt := notice.Draft{Kind: notice.Receipt}
	for _, s := range []Settlement{{}, {Outcome: Outcome{Notice: &receipt}}} {
		if err := w.draw(&s); err != nil || s.Outcome.Notice != nil && s.Outcome.Notice.Drawn() {
			t.Errorf("%+v: %v", s.Outcome.Notice, err)
		}
	}
	refusal.Verify = strings.Repeat("x", 5000)
	if err := w.draw(&Settlement{Outcome: Outcome{Notice: &refusal}}); err == nil || errors.Is(err, errBreaks) {
		t.Errorf("a code of 5000 letters: %v", err)
	}
}
