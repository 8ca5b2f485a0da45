package parser

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/golden/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Parse(bytes.NewReader(raw), int64(len(raw)), DefaultLimits)
		checkMessage(t, m)
		tight := Parse(bytes.NewReader(raw), int64(len(raw)), Limits{HeaderBytes: 100, Fields: 3, Parts: 3, Depth: 2, Text: 10})
		checkMessage(t, tight)
		if utf8.RuneCountInString(tight.Text) > 10 || len(tight.Attachments) > 3 {
			t.Fatalf("over the limits: %d runes, %d attachments", utf8.RuneCountInString(tight.Text), len(tight.Attachments))
		}
	})
}

func FuzzParams(f *testing.F) {
	f.Add(`a/b; name="x \"y; z`, "name")
	f.Add(`attachment; filename*1*=%83n; filename*0*=utf-8''v%C4; =;`, "filename")
	f.Add("text/plain charset=utf-8 (c", "charset")
	f.Fuzz(func(t *testing.T, s, key string) {
		_, p := parseParams(s)
		p.plain(key)
		checkMessage(t, Message{Subject: p.text(key, texts{}), Kind: Normal})
	})
}

func FuzzEncodedWord(f *testing.F) {
	f.Add("=?utf-8?Q?C=C3?= =?utf-8?q?=B4ng?= v")
	f.Add("=?utf-8?B?Q8O0bmcgdsSDb?=\r\n\t=?utf-8?B?iBz4buR?=")
	f.Add("=?iso-2022-jp?B?GyRC?= =?x?q?_")
	f.Fuzz(func(t *testing.T, s string) {
		checkMessage(t, Message{Subject: decodeWords(s), Kind: Normal})
	})
}

func FuzzAddressList(f *testing.F) {
	f.Add(`"Sở Nội vụ, tỉnh" <a@b.vn>, Nhóm: c@d.vn;, e@f.vn (G)`)
	f.Add(`"a\"@gov.vn"@evil.example, <@r:a@b>, =?utf-8?Q?A,?= <(`)
	f.Fuzz(func(t *testing.T, s string) {
		l := parseAddresses(s)
		if l == nil || len(l) > maxAddresses {
			t.Fatalf("%d addresses", len(l))
		}
		checkMessage(t, Message{From: l, Kind: Normal, Received: []Received{parseReceived(0, s)}, References: messageIDs(s)})
	})
}
