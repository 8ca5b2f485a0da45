package axis

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// reply is an answer of either face. Numbers may stand for texts and texts for numbers, and anything may be missing. Names are compared
// without regard to case.
type reply struct {
	Status    json.RawMessage `json:"status"`  // VXP: OK or FAIL
	Success   json.RawMessage `json:"success"` // LGSP REST
	ErrorCode json.RawMessage `json:"ErrorCode"`
	ErrorDesc json.RawMessage `json:"ErrorDesc"`
	Message   json.RawMessage `json:"message"`
	DocID     json.RawMessage `json:"DocId"`
	Data      json.RawMessage `json:"data"`
}

// replyOf reports false for what is no JSON object from its first to its last byte.
func replyOf(answer []byte) (reply, bool) {
	answer = bytes.TrimSpace(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf")))
	var r reply
	if len(answer) == 0 || answer[0] != '{' || json.Unmarshal(answer, &r) != nil {
		return reply{}, false
	}
	return r, true
}

func (r reply) code() string {
	if code := scalar(r.ErrorCode); code != "0" {
		return code
	}
	return ""
}

func (r reply) text() string {
	for _, raw := range []json.RawMessage{r.ErrorDesc, r.Message} {
		if s := scalar(raw); s != "" {
			return s
		}
	}
	return ""
}

// good says whether the axis says so itself: a reply that tells nothing of success is none.
func (r reply) good() bool {
	status, success, code := scalar(r.Status), strings.ToLower(scalar(r.Success)), scalar(r.ErrorCode)
	switch {
	case code != "" && code != "0", success == "false" || success == "0":
		return false
	case status != "":
		return strings.EqualFold(status, "OK") || strings.EqualFold(status, "success") || status == "0" || status == "200"
	}
	return code == "0" || success == "true" || success == "1"
}

// silent says whether it tells nothing of success or failure.
func (r reply) silent() bool {
	return scalar(r.Status) == "" && scalar(r.Success) == "" && scalar(r.ErrorCode) == ""
}

// scalar is a JSON text, number or truth value as text.
func scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		if s = string(raw); s != "" && (s[0] == '{' || s[0] == '[') || s == "null" {
			return ""
		}
	}
	s = strings.TrimSpace(s)
	if s == "null" {
		return ""
	}
	return s
}

// understand reads a whole answer that must report success. final says for which codes trying again cannot help.
func understand(op string, answer []byte, codes func(code string) (cause error, final bool)) (reply, error) {
	r, ok := replyOf(answer)
	if !ok || r.silent() {
		return r, bridge.NewAxisError(op, http.StatusOK, "", wordsOf(answer), bridge.ErrUnusable, false)
	}
	if !r.good() {
		cause, final := codes(r.code())
		return r, bridge.NewAxisError(op, http.StatusOK, r.code(), r.text(), errors.Join(bridge.ErrFail, cause), final)
	}
	return r, nil
}

// wordsOf gives what a person would read of an answer that is none: the text of an HTML page, or the beginning.
func wordsOf(answer []byte) string {
	head := strings.ToValidUTF8(string(answer[:min(len(answer), 16<<10)]), "\uFFFD")
	if !strings.Contains(head, "<") {
		return head
	}
	var b strings.Builder
	skip := ""
	for head != "" {
		i := strings.IndexByte(head, '<')
		if i < 0 {
			i = len(head)
		}
		if skip == "" {
			b.WriteString(head[:i])
			b.WriteByte(' ')
		}
		tag, rest, _ := strings.Cut(head[i:], ">")
		name := strings.ToLower(strings.TrimLeft(tag, "<"))
		switch {
		case strings.HasPrefix(name, "style"), strings.HasPrefix(name, "script"):
			skip = name[:3]
		case strings.HasPrefix(name, "/"+skip):
			skip = ""
		}
		head = rest
	}
	return b.String()
}

// entry is one object of a list.
type entry map[string]json.RawMessage

// listOf reads the list of a good reply. What is missing is empty: axes leave out lists without entries.
func listOf(op string, data json.RawMessage) ([]entry, error) {
	if len(data) == 0 || scalar(data) == "" && data[0] != '[' && data[0] != '{' {
		return nil, nil
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, bridge.NewAxisError(op, http.StatusOK, "", "data is no list", bridge.ErrUnusable, false)
	}
	out := make([]entry, len(list))
	for i, e := range list {
		out[i] = entry{}
		for k, v := range e {
			out[i][strings.ToLower(k)] = v
		}
	}
	return out, nil
}

// text gives the first of the fields that says something. Keys are in lower case.
func (e entry) text(keys ...string) string {
	for _, k := range keys {
		if s := scalar(e[k]); s != "" && s != "N/A" {
			return s
		}
	}
	return ""
}

// instant reads a time in any of the forms that axes are known or likely to write; zero when it cannot be read. Without a zone it is
// Vietnam's.
func (e entry) instant(keys ...string) time.Time {
	return instantOf(e.text(keys...))
}

func instantOf(s string) time.Time {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) >= 10 {
		if len(s) >= 13 {
			return time.UnixMilli(n).UTC()
		}
		return time.Unix(n, 0).UTC()
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999",
		"2006/01/02 15:04:05.999999999", "02/01/2006 15:04:05.999999999", "2006-01-02 15:04", "2006/01/02 15:04", "02/01/2006 15:04"} {
		if t, err := time.ParseInLocation(form, s, vietnam()); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// vietnam is the zone of every time without one (QĐ 28/2018, Điều 14.4).
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }
