package charset

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// texts of a page each, as most mail has them.
func BenchmarkReadUTF8(b *testing.B) {
	text := []byte(strings.Repeat("Kính gửi: Ủy ban nhân dân tỉnh Quảng Trị.\r\n", 80))
	benchmarkRead(b, "utf-8", text)
}

func BenchmarkReadASCII(b *testing.B) {
	benchmarkRead(b, "us-ascii", []byte(strings.Repeat("Please find attached the report of March.\r\n", 80)))
}

func BenchmarkReadFrench(b *testing.B) {
	benchmarkRead(b, "utf-8", []byte(strings.Repeat(strings.Join(foreign[:10], "\n"), 10)))
}

func BenchmarkReadTCVN3(b *testing.B) {
	benchmarkRead(b, "", encoders()[1].encode(b, strings.Join(sentences, "\n")))
}

func benchmarkRead(b *testing.B, label string, text []byte) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if r := Read(label, text, ""); r.Text == "" {
			b.Fatal(r)
		}
	}
}

// TestFloods reads a megabyte of what might make a reader slow; it must end, and in text.
func TestFloods(t *testing.T) {
	const n = 1 << 18
	for _, s := range []string{"<", "<a", "&", "^a^", "a^e^o^ ", "\xE1", "\xE1 ", "\xC3\x83\xC2", "\x01", "\x00a", "\xC3\xA9", "«", "Ã ", "C«ng ", "\xA8\xAB", "a'", "A\xE9 ", "é ", "dd\\", "\xEF\xBB\xBF", "Ð\n", "\xE9\n"} {
		text := []byte(strings.Repeat(s, n/len(s)))
		for _, label := range []string{"", "utf-8", "iso-8859-1", "tcvn", "viqr", "vni", "utf-16", "utf-7"} {
			if r := Read(label, text, "tcvn3"); !utf8.ValidString(r.Text) {
				t.Errorf("%q as %q is not UTF-8", s, label)
			}
		}
	}
}
