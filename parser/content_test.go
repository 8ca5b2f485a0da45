package parser

import (
	"crypto/sha256"
	"strings"
	"testing"
)

func TestContentHashLeavesOutDeliveryFields(t *testing.T) {
	const content = "DKIM-Signature: v=1; d=example.vn\r\nReceived: from may-tram by gui.example.vn\r\nFrom: a@example.vn\r\n\r\nNội dung\r\n"
	tests := map[string]struct{ raw, content string }{
		"nothing in front": {content, content},
		"one mailbox": {"Return-Path: <a@example.vn>\r\nDelivered-To: vanthu@quangtri.gov.vn\r\nReceived: from gui.example.vn\r\n" +
			"\tby mx.quangtri.gov.vn;\r\n Sat, 20 Apr 2019 08:00:00 +0700\r\n" + content, content},
		"another mailbox": {"Delivered-To: phong@quangtri.gov.vn\r\nX-Original-To: phong@quangtri.gov.vn\r\nenvelope-to: x\r\n" +
			"Authentication-Results: mx.quangtri.gov.vn;\r\n dkim=pass\r\nARC-Seal: i=1\r\nX-Spam-Status: No\r\nReceived-SPF: pass\r\n" + content, content},
		"mbox line":               {"From a@example.vn Sat Apr 20 08:00:00 2019\nReceived: x\n" + content, content},
		"only the leading block":  {"Received: a\nSubject: b\nReceived: c\n\nd", "Subject: b\nReceived: c\n\nd"},
		"bare line feeds stay":    {"Received: a\nFrom: b\n\nc\n", "From: b\n\nc\n"},
		"no fields after it":      {"Received: a\r\n\r\nbody", "\r\nbody"},
		"no header at all":        {"\r\nReceived: a\r\n", "\r\nReceived: a\r\n"},
		"folded first line":       {" Received: a\r\n", " Received: a\r\n"},
		"ends in a name":          {"Return-Path: <>\r\nRecei", "Recei"},
		"ends in a field":         {"Return-Path: <>", ""},
		"name with a blank":       {"Received : a\r\n", "Received : a\r\n"},
		"longer name":             {"Received-X: a\r\n", "Received-X: a\r\n"},
		"name without end":        {strings.Repeat("x", 300), strings.Repeat("x", 300)},
		"binary":                  {"\x00\xff", "\x00\xff"},
		"empty":                   {"", ""},
		"from as a field":         {"From: a\r\n", "From: a\r\n"},
		"mbox line not at a line": {"Subject: From me\r\n", "Subject: From me\r\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := sha256.Sum256([]byte(tt.content))
			for _, step := range []int{1, 2, 3, 7, len(tt.raw) + 1} {
				h := NewContentHash()
				for rest := tt.raw; rest != ""; {
					n := min(step, len(rest))
					if _, err := h.Write([]byte(rest[:n])); err != nil {
						t.Fatal(err)
					}
					rest = rest[n:]
					h.Sum() // asking early changes nothing
				}
				if got := h.Sum(); got != want {
					t.Errorf("written %d bytes at a time: digest %x, want that of %q", step, got, tt.content)
				}
			}
		})
	}
}

func TestContentHashIsBounded(t *testing.T) {
	h := NewContentHash()
	h.Write([]byte("Received: "))
	long := []byte(strings.Repeat("a", 1<<20))
	for range 8 {
		h.Write(long)
	}
	if cap(h.held) > maxTraceName {
		t.Errorf("holds %d bytes", cap(h.held))
	}
}

func FuzzContentHash(f *testing.F) {
	f.Add([]byte("Return-Path: <>\r\nFrom: a\r\n\r\nb"), 3)
	f.Add([]byte("From x\nReceived: a\n b\n"), 1)
	f.Fuzz(func(t *testing.T, raw []byte, step int) {
		if step < 1 {
			step = 1
		}
		whole, parts := NewContentHash(), NewContentHash()
		whole.Write(raw)
		for i := 0; i < len(raw); i += step {
			parts.Write(raw[i:min(i+step, len(raw))])
		}
		if whole.Sum() != parts.Sum() {
			t.Errorf("digest depends on the size of the writes")
		}
	})
}
