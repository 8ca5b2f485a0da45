package main

import (
	"os"
	"strings"
	"testing"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/evidence"
)

// Every reason why a proof counts for nothing is told in words, and stands in docs/findings.md.
func TestProofReasonsAreExplained(t *testing.T) {
	doc, err := os.ReadFile("../../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := evidence.Reasons()
	for _, code := range codes {
		if proofInWords[code] == "" || !strings.Contains(string(doc), "`"+code+"`") {
			t.Errorf("%s is not told in words, or not in docs/findings.md", code)
		}
	}
	if len(codes) != len(proofInWords) || len(codes) < 20 {
		t.Errorf("%d codes, %d in words", len(codes), len(proofInWords))
	}
}

func TestPrintProofs(t *testing.T) {
	var out strings.Builder
	printProofs(&out, bridge.Evidence{Pending: true, Proofs: []bridge.Proof{{Method: "dkim", Result: "pass", Domain: "snv.example.vn", Level: "dkim"},
		{Method: "spf", Result: "unknown", Reason: evidence.ReasonDNS}, {Method: "spf", Result: "x", Reason: "new-code"}},
		Records: []bridge.DNSRecord{{Kind: "TXT", Name: "s._domainkey.snv.example.vn", Text: "v=DKIM1"}}})
	for _, want := range []string{"dkim snv.example.vn pass: chứng minh mức dkim", "spf – unknown: DNS không trả lời", "new-code", "DNS chưa trả lời hết", "DNS: TXT s._domainkey.snv.example.vn v=DKIM1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}
