package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge/config"
)

// Words that are broken while the daemon runs are named, and the working ones go on being used; mended, they are taken over.
func TestBrokenWordsChangeNothing(t *testing.T) {
	cfg := config.Default()
	cfg.Rules.File, cfg.Directory.File = writeFile(t, "rules.toml", someRules), writeFile(t, "agencies.csv", someAgencies)
	cfg.Notices.Templates = filepath.Dir(writeFile(t, "reject.tmpl", "TRẢ LẠI {{.Receipt}}\n"))
	cfg.Notices.Citations = writeFile(t, "citations.toml", "[[citation]]\nfor = [\"reject\"]\ntext = \"Điều 1\"\n")
	h, err := loadKnowledge(t.Context(), cfg, "k", nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	first, text := h.active(), filepath.Join(cfg.Notices.Templates, "reject.tmpl")
	for _, c := range []struct{ name, text, citations, want string }{
		{"unclosed", "một\n{{.Receipt\n", "", "reject.tmpl:3: unclosed action"},
		{"another variable", "{{.Subject}}", "", "reject.tmpl:1: .Subject is no variable of notices"},
		{"emptied by an editor that crashed", "\n", "", "reject.tmpl: says nothing"},
		{"another encoding", "V\xe3n b\u1ea3n {{.Receipt}}", "", "reject.tmpl: is not in UTF-8"},
		{"citations of nothing", "", "[[citation]]\ntext = \"x\"\n", "citations.toml:1: for"},
		{"citations cut off", "", "[[citation]]\nfor = [\"rej", "citations.toml:2"},
		{"citations that ended before they began", "", "[[citation]]\nfor = [\"reject\"]\ntext = \"x\"\nfrom = 2026-01-02\nuntil = 2026-01-01\n", "citations.toml:1: until"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for file, broken := range map[string]string{text: c.text, cfg.Notices.Citations: c.citations} {
				if broken == "" {
					continue
				}
				good, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				rewrite(t, file, broken)
				defer rewrite(t, file, string(good))
			}
			if err := h.reload(t.Context(), io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want … %s …", err, c.want)
			}
			if h.active() != first {
				t.Error("what was active is active no more")
			}
			if _, err := loadKnowledge(t.Context(), cfg, "k", nil, io.Discard); err == nil {
				t.Error("a start with it succeeded")
			}
		})
	}
	if err := os.Rename(cfg.Notices.Templates, cfg.Notices.Templates+".away"); err != nil {
		t.Fatal(err)
	}
	if err := h.reload(t.Context(), io.Discard); err == nil || h.active() != first {
		t.Errorf("the folder is gone: %v", err)
	}
	if err := os.Rename(cfg.Notices.Templates+".away", cfg.Notices.Templates); err != nil {
		t.Fatal(err)
	}
	rewrite(t, text, "HOÀN TRẢ {{.Receipt}}\n")
	if err := h.reload(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	if h.active() == first || h.active().SettingsVersion() == first.SettingsVersion() {
		t.Error("the mended text was not taken over")
	}
}
