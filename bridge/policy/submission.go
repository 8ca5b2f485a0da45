package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseSubmission reads one input line of `decide --json`. Missing keys and null mean empty; unknown keys are passed over, since newer
// programs may add some. What has the wrong type or is outside its list of values is an error that names every such key, in one line.
func ParseSubmission(line []byte) (Submission, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var root map[string]any
	if err := dec.Decode(&root); err != nil {
		return Submission{}, notAnObject(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Submission{}, errors.New("text after the object; write one submission a line")
	}
	if root == nil {
		return Submission{}, errors.New("is null, not a JSON object; write {…} with the keys of a submission")
	}
	var faults []string
	o := object{entries: root, faults: &faults}
	s := readSubmission(o)
	if len(faults) > 0 {
		return Submission{}, errors.New(strings.Join(faults, "; "))
	}
	return s, nil
}

func notAnObject(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("not valid JSON at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		return fmt.Errorf("is a JSON %s, not an object; write {…} with the keys of a submission", kind.Value)
	case errors.Is(err, io.EOF):
		return errors.New("is empty; write one JSON object a line")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("not valid JSON: the object has no end")
	}
	return fmt.Errorf("not valid JSON: %w", err)
}

func readSubmission(o object) Submission {
	s := Submission{ID: o.text("id"), Channel: o.oneOf("channel", dimensions[dimChannel].values), Receiver: o.text("receiver"),
		Mailbox: o.text("mailbox"), ReceivedAt: o.instant("received_at"), Hops: []Hop{}, Disputed: o.instants("disputed")}
	latest := o.flag("at_latest")
	s.AtLatest = latest != nil && *latest
	for _, h := range o.objects("hops") {
		s.Hops = append(s.Hops, Hop{By: h.text("by"), At: h.instant("at")})
	}
	sender := o.object("sender")
	s.Sender = Sender{Address: sender.text("address"), Agency: sender.text("agency"), Identity: Identity(sender.oneOf("identity", identityNames()))}
	d := o.object("document")
	s.Document = Document{Type: d.text("type"), Purpose: d.text("purpose"), Number: d.text("number"), Subject: d.text("subject"),
		Secrecy: d.oneOf("secrecy", dimensions[dimSecrecy].values), Urgency: d.oneOf("urgency", dimensions[dimUrgency].values),
		Seal: d.oneOf("seal", dimensions[dimSeal].values), Signature: d.oneOf("signature", dimensions[dimSignature].values),
		MainFile: d.flag("main_file"), EditableFile: d.flag("editable_file"), Size: d.number("size")}
	unread := d.flag("subject_unknown")
	s.Document.SubjectUnknown = unread != nil && *unread
	c := o.object("context")
	s.Context = Context{Answers: c.text("answers"), AlsoAnswers: c.texts("also_answers", nil), AlsoReceived: c.texts("also_received", dimensions[dimAlso].values), AlsoNumber: c.text("also_number"),
		WithElectronicFile: c.flag("with_electronic_file"), WithPaper: c.flag("with_paper")}
	return s
}

// object is one JSON object being read; faults gather over the whole line.
type object struct {
	place   string
	entries map[string]any
	faults  *[]string
}

func (o object) fault(key, format string, args ...any) {
	*o.faults = append(*o.faults, join(o.place, key)+": "+fmt.Sprintf(format, args...))
}

func (o object) text(key string) string {
	switch v := o.entries[key].(type) {
	case nil:
		return ""
	case string:
		return clean(v)
	default:
		o.fault(key, "must be a text, not %s", jsonKind(v))
		return ""
	}
}

func (o object) oneOf(key string, allowed []string) string {
	s := o.text(key)
	if s != "" && !slices.Contains(allowed, s) {
		o.fault(key, "%s is not known; use %s, or leave it empty", strconv.Quote(s), strings.Join(allowed, ", "))
		return ""
	}
	return s
}

func (o object) flag(key string) *bool {
	switch v := o.entries[key].(type) {
	case nil:
		return nil
	case bool:
		return &v
	default:
		o.fault(key, "must be true or false, not %s", jsonKind(v))
		return nil
	}
}

func (o object) number(key string) int64 {
	switch v := o.entries[key].(type) {
	case nil:
		return 0
	case json.Number:
		if n, err := v.Int64(); err == nil && n >= 0 {
			return n
		}
		if f, err := v.Float64(); err == nil && f >= 0 && f < 1<<53 && f == math.Trunc(f) {
			return int64(f)
		}
		o.fault(key, "must be a whole number of bytes, not %s", v.String())
	default:
		o.fault(key, "must be a number, not %s", jsonKind(v))
	}
	return 0
}

func (o object) instant(key string) time.Time {
	s := o.text(key)
	if s == "" {
		return time.Time{}
	}
	t, err := parseInstant(s)
	if err != nil {
		o.fault(key, "%v", err)
	}
	return t
}

func (o object) list(key string) []any {
	switch v := o.entries[key].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		o.fault(key, "must be a list, not %s", jsonKind(v))
		return nil
	}
}

// element is a list element, seen as an object with one key so that the same readers serve.
func (o object) element(key string, i int, v any) (object, string) {
	k := key + "[" + strconv.Itoa(i) + "]"
	return object{place: o.place, entries: map[string]any{k: v}, faults: o.faults}, k
}

func (o object) instants(key string) []time.Time {
	out := []time.Time{}
	for i, v := range o.list(key) {
		e, k := o.element(key, i, v)
		out = append(out, e.instant(k))
	}
	return out
}

func (o object) texts(key string, allowed []string) []string {
	out := []string{}
	for i, v := range o.list(key) {
		e, k := o.element(key, i, v)
		s := ""
		if allowed == nil {
			s = e.text(k)
		} else {
			s = e.oneOf(k, allowed)
		}
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (o object) objects(key string) []object {
	var out []object
	for i, v := range o.list(key) {
		e, k := o.element(key, i, v)
		out = append(out, e.object(k))
	}
	return out
}

// object reads a nested object; absent gives an empty one.
func (o object) object(key string) object {
	inner := object{place: join(o.place, key), faults: o.faults}
	switch v := o.entries[key].(type) {
	case nil:
	case map[string]any:
		inner.entries = v
	default:
		o.fault(key, "must be an object, not %s", jsonKind(v))
	}
	return inner
}

func jsonKind(v any) string {
	switch v.(type) {
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	}
	return "an object"
}

// parseInstant reads RFC 3339, and what other programs write nearly like it: a blank for the T, small letters, +0700, no seconds, 24:00
// for the end of the day, and a leap second, which still belongs to its minute. A time without its zone is refused: it could be meant
// seven hours away.
func parseInstant(s string) (time.Time, error) {
	text := strings.ToUpper(strings.TrimSpace(s))
	if len(text) > len("2006-01-02") && text[10] == ' ' {
		text = text[:10] + "T" + strings.TrimLeft(text[10:], " ")
	}
	text = strings.ReplaceAll(text, " ", "")
	endOfDay := len(text) > 13 && text[11:13] == "24"
	if endOfDay {
		text = text[:11] + "00" + text[13:]
	}
	leap := len(text) > 18 && text[16:19] == ":60"
	if leap {
		text = text[:17] + "59" + text[19:]
	}
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02T15:04Z0700"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if leap {
			t = t.Truncate(time.Second).Add(time.Second - time.Nanosecond)
		}
		if endOfDay {
			if t.Hour() != 0 || t.Minute() != 0 || t.Second() != 0 || t.Nanosecond() != 0 {
				break
			}
			t = t.AddDate(0, 0, 1)
		}
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if _, err := time.Parse(layout, text); err == nil {
			return time.Time{}, fmt.Errorf("%s has no zone; write 2019-04-20T08:00:00+07:00, or Z for UTC", strconv.Quote(s))
		}
	}
	return time.Time{}, fmt.Errorf("%s is not a time of RFC 3339; write 2019-04-20T08:00:00+07:00", strconv.Quote(s))
}
