package axis

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/directory"
)

// sentMargin is how far before its first try a sending may be dated: clocks differ, and times of the axis have no more than seconds.
const sentMargin = 15 * time.Minute

// mayBe says whether what the axis lists may be what is asked for. What it does not tell excludes nothing.
func mayBe(s bridge.AxisSent, q bridge.AxisQuestion) bool {
	switch {
	case s.DocumentID != "" && q.DocumentID != "" && s.DocumentID != q.DocumentID,
		!sameCode(s.From, q.From), !sameCode(s.To, q.To), !sameNumber(s.Code, q.Code):
		return false
	}
	return s.At.IsZero() || q.Since.IsZero() || !s.At.Before(q.Since.Add(-sentMargin))
}

func sameCode(a, b string) bool {
	return a == "" || b == "" || directory.NormalCode(a) == directory.NormalCode(b)
}

// sameNumber compares a số ký hiệu, or a notation alone, with a whole one.
func sameNumber(listed, whole string) bool {
	fold := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	listed, whole = fold(listed), fold(whole)
	return listed == "" || whole == "" || listed == whole || strings.HasSuffix(whole, "/"+listed)
}
