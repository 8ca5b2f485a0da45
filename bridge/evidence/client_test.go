package evidence

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Whatever a client calls itself, the address that counts for SPF is the one that our server saw, or none; and the client is never taken for one
// of our own hosts.
func TestClientIsWhoTheServerSaw(t *testing.T) {
	const seen = "203.0.113.9"
	piece := rapid.SampledFrom([]string{"[" + clientIP + "]", clientIP, "[IPv6:::ffff:" + clientIP + "]", "mx.quangtri.gov.vn", "localhost", "x.example", "(", ")", "[", "]", " ", "helo=", "HELO ", "=",
		" by ", " by mx.quangtri.gov.vn", " with esmtpsa", ";", "; ", "\"", "\\", "from ", "(Authenticated sender: " + fromAddr + ")", ",", "127.0.0.1", "unknown"})
	written := []string{ // how servers write it: the client's word, the name of its address, the address
		"from {helo} ({name} [{ip}]) by mx.quangtri.gov.vn (Postfix) with ESMTPS id 4X; Sat, 20 Apr 2019 08:00:00 +0700", "from [{ip}] (helo={helo}) by mx.quangtri.gov.vn with esmtps (Exim 4.94.2) id 1; Sat, 20 Apr 2019 08:00:00 +0700",
		"from {name} ([{ip}] helo={helo}) by mx.quangtri.gov.vn with esmtps (Exim 4.94.2) id 1; Sat, 20 Apr 2019 08:00:00 +0700", "from {name} (HELO {helo}) ({ip}) by mx.quangtri.gov.vn with SMTP; Sat, 20 Apr 2019 08:00:00 +0700",
		"from {helo} ({ip}) by mx.quangtri.gov.vn (10.0.0.2) with Microsoft SMTP Server id 15.1; Sat, 20 Apr 2019 08:00:00 +0700", "from {helo} ([{ip}]) by mx.quangtri.gov.vn with ESMTP id 1; Sat, 20 Apr 2019 08:00:00 +0700",
		"from {helo} (EHLO {helo}) ([{ip}]) by mx.quangtri.gov.vn with ESMTP; Sat, 20 Apr 2019 08:00:00 +0700",
	}
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		name := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "name"), "")
		form := rapid.SampledFrom(written).Draw(t, "server")
		reverse := rapid.SampledFrom([]string{"unknown", "mail.evil.example", clientIP}).Draw(t, "reverse")
		value := strings.NewReplacer("{helo}", name, "{name}", reverse, "{ip}", seen).Replace(form)
		h, ok := readHop(value)
		if !ok {
			return
		}
		if ip, ok := h.client(); ok {
			if found++; ip.String() != seen {
				t.Fatalf("%s of\n%s", ip, value)
			}
		}
		if h.by == "mx.quangtri.gov.vn" && h.internal([]string{"mx.quangtri.gov.vn"}) {
			t.Fatalf("one of our own:\n%s", value)
		}
	})
	if found == 0 {
		t.Error("no address was found at all")
	}
}
