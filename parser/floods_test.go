package parser

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// flood is a mail that is made to exhaust a parser.
type flood struct {
	name  string
	raw   io.ReaderAt
	size  int64
	alloc uint64 // bytes that reading it may allocate in all
}

// repeated is head, n times unit with %d as the number where it is asked for, tail: without holding it in memory.
type repeated struct {
	head, unit, tail string
	n                int64
}

func (r repeated) size() int64 {
	return int64(len(r.head)) + r.n*int64(len(r.unit)) + int64(len(r.tail))
}

func (r repeated) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		at := off + int64(done)
		if head := int64(len(r.head)); at < head {
			done += copy(p[done:], r.head[at:])
		} else if at -= head; at < r.n*int64(len(r.unit)) {
			unit := r.unit[at%int64(len(r.unit)):]
			done += copy(p[done:min(int64(len(p)), int64(done)+r.n*int64(len(r.unit))-at)], unit)
		} else if at -= r.n * int64(len(r.unit)); at < int64(len(r.tail)) {
			done += copy(p[done:], r.tail[at:])
		} else {
			return done, io.EOF
		}
	}
	return done, nil
}

// floods are what every reader of mail has fallen over somewhere (Dovecot CVE-2020-12100, CVE-2024-23184, CVE-2026-27859; enmime never ended
// on 100 nested parts). Each must end in 2 s and take no more than 256 MB on the way.
func floods() []flood {
	text := func(name, s string) flood { return flood{name, strings.NewReader(s), int64(len(s)), 64 << 20} }
	many := func(name, head, unit string, n int64, tail string) flood {
		times := max(1, 1<<16/int64(len(unit))) // long pieces are copied faster
		r := repeated{head, strings.Repeat(unit, int(times)), strings.Repeat(unit, int(n%times)) + tail, n / times}
		return flood{name, r, r.size(), 64 << 20}
	}
	numbered := func(head, unit string, n int, tail string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			b.WriteString(strings.ReplaceAll(unit, "#", fmt.Sprint(i)))
		}
		return b.String() + tail
	}
	const mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	return []flood{
		text("10,000 nested multiparts", numbered("", "Content-Type: multipart/mixed; boundary=b#\r\n\r\n--b#\r\n", 10_000, "\r\nx")),
		many("10,000 nested messages", "", "Content-Type: message/rfc822\r\n\r\n", 10_000, ""),
		many("10,000 multiparts with one boundary", "", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 10_000, ""),
		many("100,000 header lines", "Subject: x\r\n", "X-A: b\r\n", 100_000, "\r\nx"),
		many("100,000 header lines of a part", mixed+"--b\r\n", "X-A: b\r\n", 100_000, "\r\nx"),
		many("100,000 parts", mixed, "--b\r\nContent-Type: a/b\r\n\r\nx\r\n", 100_000, "--b--\r\n"),
		many("100,000 parts after the end", mixed+"--b\r\n\r\nx\r\n--b--\r\n", "--b\r\nContent-Type: a/b\r\n\r\nx\r\n", 100_000, "--b--\r\n"),
		many("one line of 50 MB", "Subject: x\r\n\r\n", "x", 50<<20, ""),
		many("one line of 50 MB in base64", mixed+"--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a\r\n\r\n", "QUJD", 12<<20, "\r\n--b--\r\n"),
		many("one header line of 50 MB", "Subject: ", "x", 50<<20, ""),
		many("100,000 lines that look like the delimiter", mixed+"--b\r\nContent-Disposition: attachment; filename=a\r\n\r\n", "--bx\r\n", 100_000, "--b--\r\n"),
		many("5 million lines that begin with dashes", mixed, "--c\n", 5<<20, ""),
		text("1,000 pieces of one name", numbered("Content-Type: a/b; x=y", "; name*#*=utf-8''x", 1000, "\r\n\r\nx")),
		text("10,000 pieces of one name", numbered("Content-Type: a/b; x=y", "; name*#*=%20", 10_000, "\r\n\r\nx")),
		many("50 MB of comments in an address", "From: ", "(", 50<<20, "\r\n\r\nx"),
		many("200,000 of them in one that is read", "From: ", "(", 200_000, "\r\n\r\nx"),
		many("50 MB that are almost base64", mixed+"--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a\r\n\r\n", "A!=", 16<<20, "\r\n--b--\r\n"),
		many("50 MB of quoted-printable without lines", "Content-Type: a/b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "=4", 25<<20, ""),
		many("20 million line ends", mixed+"--b\r\n\r\n", "\n", 20<<20, ""),
		many("20 million CR", mixed+"--b\r\n\r\n", "\r", 20<<20, ""),
		many("50 MB of uuencode in a text", "Subject: x\r\n\r\nbegin 644 a\r\n", "M86%A86%A86%A86%A86%A86%A86%A86%A86%A86%A86%A86%A86%A86%A86%A\r\n", 800_000, "`\r\nend\r\n"),
		many("beginnings of uuencode", "Subject: x\r\n\r\n", "begin 644 a\r\n", 1<<20, ""),
		many("every fork there is", "Subject: a\rb\r\nContent-Type : multipart/mixed; boundary=b; boundary=c (\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Disposition: a\r\nContent-Disposition: b\r\n"+
			"Content-Transfer-Encoding: x-base64\r\n \r\nX: y\r\n\r\n", "--b x\r\n--b--\r\n--b\r\n\r\n", 2<<20, ""),
		many("50 MB read many ways", "Content-Type : multipart/mixed; boundary=b\r\nContent-Type: multipart/mixed; boundary=b;\r\n\r\n--b\r\nContent-Type: a/b; name=\"a\\.exe\"\r\nContent-Disposition: x; filename=a.pdf\r\n\r\n",
			strings.Repeat("x", 70)+"\r\n", 700_000, "--bx\r\n--b--\r\n"),
		many("50 MB read many ways, all alike", "Content-Type: multipart/mixed; boundary=b\r\nContent-Type: multipart/mixed; boundary=b; x=(y)\r\n\r\n--b\r\nContent-Type: a/b; name=\"a\\b.pdf\"\r\n"+
			"Content-Disposition: inline\r\nContent-Disposition: attachment\r\n\r\n", strings.Repeat("x", 70)+"\r\n", 700_000, "--b--\r\n"),
		many("encoded multiparts in one another", "", "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n", 10_000, ""),
		many("multiparts without boundary", "", "Content-Type: multipart/mixed\r\n\r\n--x\r\n", 100_000, ""),
	}
}

// TestFloodsAllocate holds what floods may allocate; how long they take is for the benchmarks.
func TestFloodsAllocate(t *testing.T) {
	for _, f := range floods() {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m := Parse(f.raw, f.size, DefaultLimits)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > f.alloc {
			t.Errorf("%s allocated %d MB", f.name, n>>20)
		}
		checkMessage(t, m)
	}
}

// BenchmarkFloods says how long each takes, and what it allocates.
func BenchmarkFloods(b *testing.B) {
	for _, f := range floods() {
		b.Run(strings.ReplaceAll(f.name, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(f.raw, f.size, DefaultLimits)
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/mail")
		})
	}
}
