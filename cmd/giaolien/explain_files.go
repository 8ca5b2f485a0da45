package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// filesOf is what tools read of the files of a receipt: what the newest outcome that names a file was made with. Of a quarantined receipt it
// is nothing.
func (a *app) filesOf(ctx context.Context, e store.Explanation) ([]fileReading, error) {
	list := []fileReading{}
	if e.State == bridge.Quarantined {
		return list, nil
	}
	names, readings := filesNamed(e)
	found, err := a.store.ReadingsOf(ctx, readings)
	if err != nil {
		return nil, fmt.Errorf("look up what was read of files: %w", err)
	}
	for _, r := range readings {
		if f, ok := found[r.SHA256]; ok {
			list = append(list, readingOf(r.SHA256, names[r.SHA256], f))
		}
	}
	return list, nil
}

// filesNamed lists the readings that outcomes were made with, the newest of each file, in the order of the newest outcome, and the names
// under which records have the files.
func filesNamed(e store.Explanation) (names map[string]string, readings []bridge.Reading) {
	names = map[string]string{}
	for _, o := range slices.Backward(e.Outcomes) {
		for _, r := range o.Outcome.Records {
			for _, f := range r.Files {
				if names[f.Digest] == "" {
					names[f.Digest] = f.Name
				}
			}
		}
		for _, r := range o.Outcome.Evidence.Readings {
			if !slices.ContainsFunc(readings, func(other bridge.Reading) bool { return other.SHA256 == r.SHA256 }) {
				readings = append(readings, r)
			}
		}
	}
	return names, readings
}
