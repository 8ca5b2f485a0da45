package extract

import (
	"strings"
	"testing"
)

func TestReread(t *testing.T) {
	for _, s := range []string{"", "abc\n", "Sở Nội vụ\nà la carte\nSở", "caf\u00e9 déjà vu", "\n\nSở\n", "Thông báo\nCÔNG VĂN"} {
		if got := reread(s); got != s {
			t.Errorf("reread(%q) = %q", s, got)
		}
	}
	const old, now = "C\u00e9ng h\u00dfa x\u00b7 h\u00e9i chñ nghÜa ViÖt Nam\n§éc lËp - Tù do - H¹nh phóc\n", "Cộng hòa xã hội chủ nghĩa Việt Nam\nĐộc lập - Tự do - Hạnh phúc\n"
	for _, c := range []struct{ in, want string }{
		{old, now},
		{"Sở Nội vụ\n" + old + "Số: 12\n", "Sở Nội vụ\n" + now + "Số: 12\n"},
		{old + "→ ☐\n" + strings.TrimSpace(old), now + "→ ☐\n" + strings.TrimSpace(now)},
	} {
		if got := reread(c.in); got != c.want {
			t.Errorf("reread(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
