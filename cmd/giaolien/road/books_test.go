package road

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/giaolien/giaolien/bridge/archive"
)

// wantBooks: whatever was killed, every number of every book has its line, none was jumped over, and the file beside the archive says the
// same as the books.
func wantBooks(t *testing.T, s *site) {
	t.Helper()
	const query = `SELECT (SELECT CAST(coalesce(sum(last), 0) AS integer) FROM books) || ' ' || (SELECT count(*) FROM entries) || ' ' ||
		(SELECT count(*) FROM records WHERE so_den IS NOT NULL) || ' ' || (SELECT count(*) FROM entries WHERE note = 'jumped')`
	got := one(t, s, query)
	marks, err := archive.NewNumbers(filepath.Join(s.dir, "data", "archive")).Marks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, m := range marks {
		n += m.Number
	}
	if want := fmt.Sprintf("%d %d %d 0", n, n, n); got != want || n == 0 {
		t.Errorf("numbers given, lines, records with a number, numbers jumped over: %s; the file beside the archive has %d", got, n)
	}
}
