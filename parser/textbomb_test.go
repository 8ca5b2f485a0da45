package parser

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// TestTextBombs packs hundreds of texts in no charset into some kilobytes, one kind at a time: what is decoded and kept of all of them
// together is bounded, also where no letter of it is text for a reader.
func TestTextBombs(t *testing.T) {
	noise := make([]byte, 3000)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(0xA0 + rnd.IntN(0x60))
	}
	text := strings.Repeat(string(noise), 30)
	lim := DefaultLimits
	lim.Text = 20_000
	for name, content := range map[string]string{
		"a.txt": text, "a.html": "<p>" + strings.Repeat("<i title='"+string(noise)+"'>", 30),
		"a.eml": "From: a@example.vn\r\nSubject: x\r\nContent-Type: text/plain\r\n\r\n" + text,
	} {
		var files []string
		for i := range 120 {
			files = append(files, fmt.Sprint(i, name), content)
		}
		raw := "Content-Type: application/zip; name=z.zip\r\n\r\n" + string(zipped(t, files...))
		var before, after, kept runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		m := Parse(strings.NewReader(raw), int64(len(raw)), lim)
		runtime.ReadMemStats(&after)
		runtime.GC()
		runtime.ReadMemStats(&kept)
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 110 {
			t.Errorf("%s: %d MB allocated", name, n)
		}
		if n := int64(kept.HeapAlloc-before.HeapAlloc) >> 20; n > 10 {
			t.Errorf("%s: %d MB kept", name, n)
		}
		if len(m.Attachments) != 121 || !has(m, LimitText) {
			t.Errorf("%s: %d attachments, %v", name, len(m.Attachments), m.Findings[:min(5, len(m.Findings))])
		}
		runtime.KeepAlive(m)
	}
}
