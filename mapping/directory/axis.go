package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Listed is one organisation as the axis lists it (getAgenciesListQD20, getAgenciesList, getSynchronizeUnit).
type Listed struct {
	ID      string // of the axis; parents are named by it
	Parent  string
	Code    string
	Old     string // the code before: code102 or oldCode
	Name    string
	Mail    string
	Deleted bool
}

// ReadList reads the answer of the axis: an object with the list under data, or the list alone. Numbers may stand for texts and texts for
// numbers; "null" and "N/A" are nothing. An answer that reports a failure, or is no such list, is an error: it says nothing about any agency.
func ReadList(answer []byte) ([]Listed, error) {
	answer = bytes.TrimSpace(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf")))
	list := json.RawMessage(answer)
	if len(answer) == 0 || answer[0] != '[' {
		var whole struct {
			Status, ErrorCode, ErrorDesc json.RawMessage
			Data                         json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(answer, &whole); err != nil {
			return nil, fmt.Errorf("read agency list: not the JSON answer of an axis: %w", err)
		}
		status, code := plainText(whole.Status), plainText(whole.ErrorCode)
		if status != "" && !strings.EqualFold(status, "OK") || code != "" && code != "0" {
			return nil, fmt.Errorf("read agency list: the axis answered %s %s", strconv.Quote(status), strconv.Quote(code))
		}
		if list = whole.Data; len(list) == 0 || string(list) == "null" {
			return nil, errors.New("read agency list: the answer has no data")
		}
	}
	var entries []map[string]json.RawMessage
	if err := json.Unmarshal(list, &entries); err != nil {
		return nil, fmt.Errorf("read agency list: data is not a list of organisations: %w", err)
	}
	out := make([]Listed, len(entries))
	for i, e := range entries {
		text := func(keys ...string) string {
			for _, k := range keys {
				if s := plainText(e[k]); s != "" && s != "null" && s != "N/A" {
					return s
				}
			}
			return ""
		}
		deleted := strings.ToLower(text("deleted"))
		out[i] = Listed{ID: text("id"), Parent: text("pid"), Code: NormalCode(text("code")), Old: NormalCode(text("code102", "oldCode")), Name: text("name"),
			Mail: text("mail"), Deleted: deleted == "true" || deleted == "1"}
	}
	return out, nil
}

// plainText is a JSON text, number or truth value as text in NFC without surrounding blanks.
func plainText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = string(raw)
		if s != "" && (s[0] == '{' || s[0] == '[') {
			return ""
		}
	}
	return norm.NFC.String(strings.TrimSpace(s))
}
