package policy

import (
	"encoding/json"
	"time"
)

// MarshalJSON writes the form of CLI.md: lists are never null, and an instant that is not there is the empty string.
func (d Decision) MarshalJSON() ([]byte, error) {
	if d.Reasons == nil {
		d.Reasons = []string{}
	}
	if d.Trace == nil {
		d.Trace = []Step{}
	}
	type plain Decision
	next := ""
	if !d.NextFrom.IsZero() {
		next = d.NextFrom.In(vietnam).Format(time.RFC3339Nano)
	}
	return json.Marshal(struct {
		plain
		NextFrom string `json:"next_from"`
	}{plain(d), next})
}

// UnmarshalJSON reads what MarshalJSON wrote, for replays.
func (d *Decision) UnmarshalJSON(data []byte) error {
	type plain Decision
	in := struct {
		*plain
		NextFrom string `json:"next_from"`
	}{plain: (*plain)(d)}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	d.NextFrom = time.Time{}
	if in.NextFrom == "" {
		return nil
	}
	next, err := time.Parse(time.RFC3339Nano, in.NextFrom)
	if err != nil {
		return err
	}
	d.NextFrom = next.In(vietnam)
	return nil
}
