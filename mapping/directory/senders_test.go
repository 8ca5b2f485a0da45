package directory

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type senderCase struct{ Address, Agency, Kind string }

// senders reads the address patterns that were seen in public, which lie beside the repository where the program is developed.
func senders(t *testing.T) []senderCase {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "corpus", "senders.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		absent(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []senderCase
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var c senderCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		out = append(out, c)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// A directory of the mailboxes that were seen, where each domain is listed by the one agency that runs it: every mailbox finds its agency,
// other mailboxes of a domain that serves several find nobody, and no look-alike finds anybody.
func TestSendersOfTheCorpus(t *testing.T) {
	list := senders(t)
	var b strings.Builder
	b.WriteString("id,name,addresses,domains\n")
	shared := map[string]int{}
	for i, c := range list {
		name := strings.ReplaceAll(c.Agency, `"`, "")
		switch domain := strings.TrimPrefix(c.Address, "@"); {
		case c.Kind == "mailbox":
			fmt.Fprintf(&b, "x%d,\"%s\",%s,\n", i, name, c.Address)
			shared[domainOf(c.Address)]++
		case c.Kind == "domain" && !strings.ContainsAny(domain, "<, "):
			fmt.Fprintf(&b, "x%d,\"%s\",,%s\n", i, name, domain)
			shared[domain]++
		}
	}
	d := mustRead(t, b.String())
	at := day("2026-01-01")
	found, mailboxes, alone, domains, caught, tricks := 0, 0, 0, 0, 0, 0
	for i, c := range list {
		if c.Kind != "mailbox" {
			continue
		}
		mailboxes++
		if m := d.ByAddress(c.Address, at); m.Agency == fmt.Sprintf("x%d", i) && m.How == ByAddress {
			found++
		} else {
			t.Errorf("%s of %s leads to %+v", c.Address, c.Agency, m)
		}
		local, domain, _ := strings.Cut(c.Address, "@")
		for _, trick := range []string{c.Address + ".evil.example", local + "@mail." + domain, local + "@evil" + domain, `"` + local + `"@` + domain, c.Address + ".",
			c.Address + "@evil.example", local + "@" + strings.Replace(domain, "o", "о", 1) + "x", strings.Replace(local, "n", "ｎ", 1) + "\u200b@" + domain} {
			tricks++
			if m := d.ByAddress(trick, at); m.How == Unmatched {
				caught++
			} else {
				t.Errorf("%q leads to %+v", trick, m)
			}
		}
	}
	for domain, n := range shared {
		if n < 2 {
			continue
		}
		domains++
		if m := d.ByAddress("mot.hop.thu.khac@"+domain, at); m.Agency == "" {
			alone++
		} else {
			t.Errorf("%s serves %d agencies, and another mailbox there is taken for %s", domain, n, m.Name)
		}
	}
	t.Logf("%d of %d mailboxes found, %d of %d shared domains decide for nobody, %d of %d tricks refused", found, mailboxes, alone, domains, caught, tricks)
}

// absent ends a test whose shared data lie not beside the repository: skipped, or failed where nothing may be missing.
func absent(t testing.TB, what error) {
	t.Helper()
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatalf("%v, and GIAOLIEN_TEST_REQUIRE is set", what)
	}
	t.Skipf("not here: %v", what)
}
