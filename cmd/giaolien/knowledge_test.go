package main

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
)

// Two daemons that start at once on an empty folder end up with the same key: one made it, whole, before anybody could read it.
func TestKeysAreMadeOnce(t *testing.T) {
	for range 20 {
		file := filepath.Join(t.TempDir(), "data", "notice.key")
		var all sync.WaitGroup
		begin := make(chan struct{})
		keys, errs := make([][]notice.Key, 8), make([]error, 8)
		for i := range keys {
			all.Go(func() {
				<-begin
				keys[i], errs[i] = readKeys(file)
			})
		}
		close(begin)
		all.Wait()
		for i := range keys {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			if len(keys[i]) != 1 || !bytes.Equal(keys[i][0].Secret, keys[0][0].Secret) || len(keys[i][0].Secret) != 32 {
				t.Fatalf("reader %d has another key than reader 0", i)
			}
		}
		left, err := os.ReadDir(filepath.Dir(file))
		if err != nil || len(left) != 1 {
			t.Fatalf("%d files are left beside the key, error %v", len(left)-1, err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Fatalf("the key file has mode %v, error %v; want 0600", info.Mode(), err)
		}
	}
}

const oldKey, newKey = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"

// A new key stands on top: new tokens are made with it, and those of the one below are still known.
func TestKeysRotate(t *testing.T) {
	file := writeFile(t, "notice.key", oldKey+"\n")
	before, err := readKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := notice.Render(aDraft, aNumber, before)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(newKey+"\n\n"+oldKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	after, err := readKeys(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != 2 || hex.EncodeToString(after[0].Secret) != newKey || after[1].ID != before[0].ID || after[0].ID == before[0].ID {
		t.Fatalf("%d keys, the first is %s; want the new one and then the old one", len(after), after[0].ID)
	}
	if id, ok := notice.Verify(after, sent.MessageID); !ok || id != "GL-2026-0000001.reject" {
		t.Errorf("a notice of before is not known any more")
	}
	again, err := notice.Render(aDraft, aNumber, after)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := notice.Verify(before, again.MessageID); ok {
		t.Errorf("a new notice was signed with the old key")
	}
}

var aNumber = notice.Numbers{ID: "GL-2026-0000001.reject", At: time.Date(2026, 11, 1, 1, 2, 3, 0, time.UTC)}

var aDraft = notice.Draft{Kind: notice.Refuse, Receipt: "GL-2026-0000001", To: "vanthu@snv.example.vn", From: "vanthu@example.vn",
	ReturnPath: "vanthu+{token}@example.vn", Subject: "Từ chối", Body: "Kính gửi"}

func TestBadKeyFiles(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		mode       os.FileMode
	}{
		"not hexadecimal":   {oldKey + "\n\nmật khẩu\n", "notice.key:3: a notice key is at least 32 hexadecimal digits; delete the line, or restore it from a backup", 0o600},
		"too short":         {"0011\n", "notice.key:1: a notice key is at least 32", 0o600},
		"nothing but space": {" \n\n", "notice.key: holds no key; restore it from a backup, or delete the file", 0o600},
		"empty":             {"", "notice.key: holds no key; restore it from a backup, or delete the file", 0o600},
		"open to others":    {oldKey + "\n", "notice.key may be read by others (mode 0644); change the password, then run: chmod 600", 0o644},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, "notice.key", c.text)
			if err := os.Chmod(file, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := readKeys(file)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want … %s …", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), oldKey) || strings.Contains(err.Error(), "mật khẩu")) {
				t.Errorf("the error gives the secret away: %v", err)
			}
			if text, err := os.ReadFile(file); err != nil || string(text) != c.text {
				t.Errorf("the file was changed to %q, error %v", text, err)
			}
		})
	}
}

const (
	someRules    = "title = \"Quy tắc\"\ntimezone = \"Asia/Ho_Chi_Minh\"\ndefault = \"accept\"\n"
	otherRules   = "title = \"Quy tắc\"\ntimezone = \"Asia/Ho_Chi_Minh\"\ndefault = \"hold\"\n"
	someAgencies = "id,name\nsnv,Sở Nội vụ\n"
)

// A broken or missing file is refused with all its faults, and what was active stays active; a good one takes over whole.
func TestReloadKeepsTheOldOnes(t *testing.T) {
	cfg := config.Default()
	cfg.Rules.File, cfg.Directory.File = writeFile(t, "rules.toml", someRules), writeFile(t, "agencies.csv", someAgencies)
	h, err := loadKnowledge(t.Context(), cfg, "key", nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	first := h.active()
	for name, c := range map[string]struct {
		rules, agencies string
		want            []string
	}{
		"broken rules":    {"title = \"Quy tắc\"\ndefault = \"perhaps\"\n", someAgencies, []string{"rules.toml:2: default"}},
		"broken agencies": {otherRules, "id,nmae\nsnv,Sở Nội vụ\n", []string{"agencies.csv:1: nmae"}},
		"both broken":     {"titel = 1\n", "name\nSở Nội vụ\n", []string{"rules.toml:1: titel", "agencies.csv:1: id"}},
		"both gone":       {"", "", []string{"read rules: ", "read directory: "}},
	} {
		t.Run(name, func(t *testing.T) {
			rewrite(t, cfg.Rules.File, c.rules)
			rewrite(t, cfg.Directory.File, c.agencies)
			err := h.reload(t.Context(), io.Discard)
			for _, w := range c.want {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("got %v, want … %s …", err, w)
				}
			}
			if h.active() != first {
				t.Error("what was active is active no more")
			}
		})
	}
	rewrite(t, cfg.Rules.File, otherRules)
	rewrite(t, cfg.Directory.File, someAgencies)
	if err := h.reload(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := h.active(); got.Versions().Rules == first.Versions().Rules || got.Versions().Directory != first.Versions().Directory {
		t.Errorf("new rules, same directory: the versions went from %+v to %+v", first.Versions(), got.Versions())
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// rewrite gives a file another text; without one it is removed.
func rewrite(t *testing.T, file, text string) {
	t.Helper()
	err := os.WriteFile(file, []byte(text), 0o600)
	if text == "" {
		err = os.Remove(file)
	}
	if err != nil {
		t.Fatal(err)
	}
}
