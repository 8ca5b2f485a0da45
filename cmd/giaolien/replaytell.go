package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// The kinds of JSON lines that replay and simulate print.
const (
	kindOutcome = "outcome"
	kindChange  = "change"
	kindAgency  = "agency"
	kindMove    = "move"
	kindSummary = "summary"
)

// The results of a replay.
const (
	replaySame      = "same"
	replayDifferent = "different"
	replayNot       = "not-replayed"
)

// replayed is what became of one outcome.
type replayed struct {
	Kind        string              `json:"kind"`
	Receipt     string              `json:"receipt"`
	Outcome     int                 `json:"outcome"` // from 1
	Result      string              `json:"result"`
	Gap         string              `json:"gap"`     // why it was not replayed
	Program     string              `json:"program"` // that made it
	Running     string              `json:"running"` // that replayed it
	Differences []bridge.Difference `json:"differences"`
}

func (r replayed) gone(gap string) replayed {
	r.Result, r.Gap = replayNot, gap
	return r
}

func (r replayed) differs(list []bridge.Difference) replayed {
	if r.Result = replaySame; len(list) > 0 {
		r.Result, r.Differences = replayDifferent, list
	}
	return r
}

// columnDifferences compares what stands beside the stored text with these values.
func columnDifferences(stored, now map[string]string) ([]bridge.Difference, error) {
	var out []bridge.Difference
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if stored[name] == now[name] {
			continue
		}
		before, err := json.Marshal(stored[name])
		if err != nil {
			return nil, err
		}
		after, err := json.Marshal(now[name])
		if err != nil {
			return nil, err
		}
		out = append(out, bridge.Difference{Path: "column " + name, Stored: before, Now: after})
	}
	return out, nil
}

// replaySum counts outcomes.
type replaySum struct {
	Kind        string         `json:"kind"`
	Outcomes    int            `json:"outcomes"`
	Same        int            `json:"same"`
	Different   int            `json:"different"`
	NotReplayed map[string]int `json:"not_replayed"` // by what is missing
	Undecided   int            `json:"undecided"`    // receipts without an outcome
	Programs    map[string]int `json:"programs"`     // outcomes by the version of the program that made them
}

// verdict is the end of a run: an error when something comes out otherwise, or cannot be decided again although it ought to be there. That words of a
// secret were taken away is as it must be.
func (s replaySum) verdict() error {
	lost := 0
	for gap, n := range s.NotReplayed {
		if gap != store.GapBlanked && gap != gapWithheld {
			lost += n
		}
	}
	switch {
	case s.Different > 0:
		return fmt.Errorf("%d of %d outcomes come out otherwise", s.Different, s.Outcomes)
	case lost > 0:
		return fmt.Errorf("%d of %d outcomes cannot be decided again: what they were made from is not there any more, or is damaged", lost, s.Outcomes)
	}
	return nil
}

// replayTeller prints a run as it goes.
type replayTeller struct {
	out  io.Writer
	json bool
	sum  replaySum
}

func newReplayTeller(out io.Writer, asJSON bool) *replayTeller {
	return &replayTeller{out: out, json: asJSON, sum: replaySum{Kind: kindSummary, NotReplayed: map[string]int{}, Programs: map[string]int{}}}
}

func (t *replayTeller) outcome(r replayed) error {
	t.sum.Outcomes++
	t.sum.Programs[r.Program]++
	switch r.Result {
	case replaySame:
		t.sum.Same++
		return nil
	case replayNot:
		t.sum.NotReplayed[r.Gap]++
	default:
		t.sum.Different++
	}
	if t.json {
		return json.NewEncoder(t.out).Encode(r)
	}
	return t.line(r)
}

// line tells people of an outcome that is not the same.
func (t *replayTeller) line(r replayed) error {
	program := ""
	if r.Program != r.Running {
		program = fmt.Sprintf("; chương trình lúc đó %s, nay %s", r.Program, r.Running)
	}
	if r.Result == replayNot {
		_, err := fmt.Fprintf(t.out, "%s lần %d: không lặp lại được: %s%s\n", r.Receipt, r.Outcome, inWords(gapInWords, r.Gap), program)
		return err
	}
	if _, err := fmt.Fprintf(t.out, "%s lần %d: khác %d chỗ%s\n", r.Receipt, r.Outcome, len(r.Differences), program); err != nil {
		return err
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	for _, d := range r.Differences {
		fmt.Fprintf(w, "  %s\t%s\t→ %s\n", d.Path, side(d.Stored), side(d.Now))
	}
	return w.Flush()
}

// shownSide is how many bytes of a value people are shown; the JSON form has all.
const shownSide = 120

func side(v json.RawMessage) string {
	switch {
	case v == nil:
		return dash("")
	case len(v) <= shownSide:
		return oneLine(string(v))
	}
	n := shownSide
	for !utf8.RuneStart(v[n]) {
		n--
	}
	return oneLine(string(v[:n])) + "…"
}

// gapInWords says what is missing.
var gapInWords = map[string]string{
	store.GapBlanked:  "văn bản mang bí mật nhà nước, nội dung đã lưu được xoá trắng",
	store.GapReadings: "kết quả đọc tệp lúc đó không còn được lưu",
	store.GapDelivery: "không rõ quyết định theo lần gửi nào",
	store.GapInputs:   "dữ liệu đầu vào đã lưu không đọc được",
	gapRaw:            "bản gốc trong kho lưu trữ bị thiếu hoặc hỏng",
	gapVersion:        "phiên bản quy tắc, danh bạ hoặc cấu hình lúc đó không còn được lưu",
	gapUnreadable:     "chương trình này không đọc được phiên bản quy tắc, danh bạ hoặc cấu hình lúc đó",
	gapWithheld:       "nội dung các tệp đã bị xoá trắng sau đó",
}

// end prints the summary.
func (t *replayTeller) end() error {
	if t.json {
		return json.NewEncoder(t.out).Encode(t.sum)
	}
	fmt.Fprintf(t.out, "%d kết quả: %d giống hệt, %d khác", t.sum.Outcomes, t.sum.Same, t.sum.Different)
	for _, gap := range slices.Sorted(maps.Keys(t.sum.NotReplayed)) {
		fmt.Fprintf(t.out, "\n  %d không lặp lại được: %s", t.sum.NotReplayed[gap], inWords(gapInWords, gap))
	}
	if t.sum.Undecided > 0 {
		fmt.Fprintf(t.out, "\n  %d phiếu chưa có kết quả", t.sum.Undecided)
	}
	for _, p := range slices.Sorted(maps.Keys(t.sum.Programs)) {
		if p != version {
			fmt.Fprintf(t.out, "\n  %d kết quả do phiên bản chương trình %s quyết định, nay là %s", t.sum.Programs[p], p, version)
		}
	}
	_, err := fmt.Fprintln(t.out)
	return err
}
