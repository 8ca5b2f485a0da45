package extract

import (
	"strings"
	"testing"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<p>Kính gửi:</p><p>Sở&nbsp;Nội <b>v</b>ụ</p>", "Kính gửi:\nSở Nội vụ"},
		{"<style>p{}</style><script>if(a<b)</script>x<br>y<title>t</title>", "x\ny"},
		{"<table><tr><td>Số</td><td>123</td></tr><tr><td><p>a</p></td><td><p>b</p></td></tr></table>z", "Số\t123\na\tb\nz"},
		{"a &lt;b&gt; &amp;\n\n c", "a <b> & c"},
		{"<pre>một\n  hai</pre>ba", "một\n  hai\nba"},
		{"<p>a<p>b<div>c</div>d", "a\nb\nc\nd"},
		{"x<!-- <p>no</p> -->y", "xy"},
		{"", ""},
	} {
		if got := HTML(c.in); got != c.want {
			t.Errorf("HTML(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := HTML(strings.Repeat("<div><table><td>", 20_000) + "x"); got != "x" {
		t.Errorf("deep: %.40q", got)
	}
}
