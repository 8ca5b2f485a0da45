package notice

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"github.com/giaolien/giaolien/bridge/policy"
)

// A refusal carries its slip behind the text; nothing else does, and it is the same every time.
func TestSlip(t *testing.T) {
	for _, c := range []struct {
		verdict policy.Verdict
		told    string
		want    bool
	}{{policy.Reject, "reject", true}, {policy.Reject, "return", true}, {policy.Reject, "not-counted", true}, {policy.Warn, "remind", false}, {policy.Accept, "", false},
		{policy.Quarantine, "", false}} {
		in := sample()
		in.WantSlip, in.Texts, in.Decision.Verdict, in.Decision.Notice = true, tracing, c.verdict, c.told
		d, s := Compose(in)
		if d == nil {
			t.Fatal(s)
		}
		r, err := Render(*d, numbers(*d), keys)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, l := range leaves(t, r.Bytes) {
			kinds = append(kinds, l.kind)
		}
		want := "text/plain text/html"
		if c.want {
			want += " application/pdf"
		}
		if got := strings.Join(kinds, " "); got != want {
			t.Errorf("%s %s: parts %s", c.verdict, c.told, got)
		}
		if again, err := Render(*d, numbers(*d), keys); err != nil || !bytes.Equal(again.Bytes, r.Bytes) {
			t.Errorf("%s: rendered differently the second time (%v)", c.told, err)
		}
	}
}

// tool finds a program, else skips; GIAOLIEN_TEST_REQUIRE says that nothing may be missing.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatalf("%s is not there, and GIAOLIEN_TEST_REQUIRE is set", name)
		}
		t.Skipf("%s is not there", name)
	}
	return path
}

// slipFile renders a refusal and writes its slip into a file.
func slipFile(t *testing.T, texts *Texts) string {
	t.Helper()
	in := sample()
	in.WantSlip, in.Texts = true, texts
	d, s := Compose(in)
	if d == nil {
		t.Fatal(s)
	}
	r, err := Render(*d, numbers(*d), keys)
	if err != nil {
		t.Fatal(err)
	}
	parts := leaves(t, r.Bytes)
	pdf := parts[len(parts)-1]
	if pdf.name != "phieu-tra-lai.pdf" || !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Fatalf("attachment %q begins %.8q", pdf.name, pdf.body)
	}
	file := filepath.Join(t.TempDir(), "slip.pdf")
	if err := os.WriteFile(file, []byte(pdf.body), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// What is on the slip can be read back from it: the words of the notice, whole, under letterhead, date and title. Versions of the tool set blanks
// differently, so words are compared.
func TestSlipWords(t *testing.T) {
	out, err := exec.Command(tool(t, "pdftotext"), "-raw", slipFile(t, tracing), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	const name = "testdata/slip.txt.golden"
	if *update {
		if err := os.WriteFile(name, bytes.TrimSuffix(out, []byte("\f")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(strings.Fields(string(out)), strings.Fields(string(want))) {
		t.Errorf("%s differs; got\n%s", name, out)
	}
}

// picture is a grey picture in which dark says what is ink.
type picture struct {
	width, height int
	grey          []byte
}

// show gives the first page of a PDF as a picture of so many dots per inch.
func show(t *testing.T, file string, dots int) picture {
	t.Helper()
	raw, err := exec.Command(tool(t, "pdftoppm"), "-gray", "-r", strconv.Itoa(dots), "-singlefile", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var p picture
	var most int
	if n, err := fmt.Sscanf(string(raw[:min(len(raw), 40)]), "P5\n%d %d\n%d\n", &p.width, &p.height, &most); n != 3 || most != 255 {
		t.Fatalf("the picture begins %.20q (%v)", raw, err)
	}
	if p.grey = raw[max(0, len(raw)-p.width*p.height):]; len(p.grey) != p.width*p.height {
		t.Fatalf("%d bytes of a picture of %d by %d", len(raw), p.width, p.height)
	}
	return p
}

func (p picture) dark(x, y int) bool { return p.grey[y*p.width+x] < 128 }

// The code on the slip leads to the page of this very receipt. It is found on the picture of the page and compared with what an encoder makes of
// the address, module by module; and a reader of such codes reads it.
func TestSlipCode(t *testing.T) {
	file := slipFile(t, tracing)
	const address = "https://tracuu.quangtri.gov.vn/?ma=GL-2026-0000123"
	want, err := qr.Encode(address, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	p := show(t, file, 300)
	left, right, top, bottom := p.width, 0, p.height, 0 // of the ink in the upper corner, as far down as the code alone stands there
	for y := range p.height * 43 / 297 {                // mm, as those of A4 below
		for x := p.width * 160 / 210; x < p.width; x++ {
			if p.dark(x, y) {
				left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
			}
		}
	}
	if side := right - left + 1; side < 200 || max(side, bottom-top+1)-min(side, bottom-top+1) > 4 {
		t.Fatalf("no code in the corner: ink from %d,%d to %d,%d", left, top, right, bottom)
	}
	module := float64(right-left+1) / float64(want.Size)
	for y := range want.Size {
		for x := range want.Size {
			at := func(from, n int) int { return from + int((float64(n)+0.5)*module) }
			if p.dark(at(left, x), at(top, y)) != want.Black(x, y) {
				t.Fatalf("module %d,%d is not that of %s", x, y, address)
			}
		}
	}
	for y := top; y <= bottom; y++ { // the quiet margin (ISO/IEC 18004, 9.1)
		for x := left - int(4*module) + 1; x < left; x++ {
			if p.dark(x, y) {
				t.Fatalf("ink at %d,%d, in the margin of the code", x, y)
			}
		}
	}
	t.Run("read", func(t *testing.T) {
		reader, shot := tool(t, "zbarimg"), filepath.Join(t.TempDir(), "page")
		if out, err := exec.Command(tool(t, "pdftoppm"), "-png", "-r", "150", "-singlefile", file, shot).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		out, err := exec.Command(reader, "-q", "--raw", "--nodbus", shot+".png").Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(string(out)); got != address {
			t.Errorf("the code says %q, want %q", got, address)
		}
	})
}

// Without a page to check on there is no code.
func TestSlipWithoutCode(t *testing.T) {
	p := show(t, slipFile(t, nil), 100)
	for y := range p.height * 25 / 297 {
		for x := p.width * 170 / 210; x < p.width; x++ {
			if p.dark(x, y) {
				t.Fatalf("ink at %d,%d where the code would stand", x, y)
			}
		}
	}
}

// A slip that was drawn beforehand is the one that Render would draw, and is not used where it says something else.
func TestDraw(t *testing.T) {
	in := sample()
	in.WantSlip, in.Texts = true, tracing
	d, _ := Compose(in)
	n := numbers(*d)
	fresh, err := Render(*d, n, keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		at   time.Time
		used bool
	}{{"hours before", hanoi("2026-11-20 00:00:00"), true}, {"before midnight", hanoi("2026-11-19 23:59:59"), false}, {"hours after", hanoi("2026-11-20 23:59:59"), true},
		{"another clock", n.At.UTC(), true}} {
		early, err := Draw(*d, x.at)
		if err != nil {
			t.Fatal(err)
		}
		if early.drawn == nil || same(early.drawn.of, d.slipOf(n)) != x.used {
			t.Errorf("%s: drawn %v", x.name, early.drawn != nil)
		}
		if r, err := Render(early, n, keys); err != nil || !bytes.Equal(r.Bytes, fresh.Bytes) {
			t.Errorf("%s: rendered otherwise than without (%v)", x.name, err)
		}
		if x.used {
			early.drawn.pdf = []byte("drawn before")
			r, err := Render(early, n, keys)
			if err != nil {
				t.Fatal(err)
			}
			if list := leaves(t, r.Bytes); list[len(list)-1].body != "drawn before" {
				t.Errorf("%s: drawn again", x.name)
			}
		}
	}
	own, err := Letters{Templates: map[string]string{"reject.tmpl": "{{.Office}}\n{time}\n"}}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	in.Texts = own // names the second
	d, _ = Compose(in)
	early, err := Draw(*d, n.At.Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	late, err := Render(*d, n, keys)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := Render(early, n, keys); err != nil || !bytes.Equal(r.Bytes, late.Bytes) {
		t.Errorf("the slip keeps the time that it was drawn at (%v)", err)
	}
	if plain, err := Draw(every(t)["receipt"], n.At); err != nil || plain.drawn != nil {
		t.Errorf("a receipt has a slip (%v)", err)
	}
}

// What a refusal costs: drawn is what the transaction that numbers it takes, draw what is done before it.
func BenchmarkRenderRefusal(b *testing.B) {
	in := sample()
	in.WantSlip, in.Texts = true, tracing
	d, _ := Compose(in)
	n := numbers(*d)
	b.Run("draw", func(b *testing.B) {
		for b.Loop() {
			if _, err := Draw(*d, n.At); err != nil {
				b.Fatal(err)
			}
		}
	})
	early, err := Draw(*d, n.At)
	if err != nil {
		b.Fatal(err)
	}
	for name, d := range map[string]Draft{"drawn": early, "undrawn": *d} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Render(d, n, keys); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
