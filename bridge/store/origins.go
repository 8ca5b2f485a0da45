package store

import (
	"context"
	"fmt"
)

// KnownOrigins tells which of these deliveries were made before.
func (s *Store) KnownOrigins(ctx context.Context, origins []string) (map[string]bool, error) {
	rows := make([]map[string]string, len(origins))
	for i, o := range origins {
		rows[i] = map[string]string{"origin": safe(o)}
	}
	var known []struct {
		Origin  string `db:"origin"`
		Receipt string `db:"receipt"`
		Joined  bool   `db:"joined"`
	}
	if err := s.all(ctx, s.reading.KnownDeliveries, &known, args{"rows": batch{rows}}); err != nil {
		return nil, fmt.Errorf("look for %d deliveries: %w", len(origins), err)
	}
	out := make(map[string]bool, len(known))
	for _, k := range known {
		out[k.Origin] = true
	}
	return out, nil
}
