package evidence

import "strings"

// moreForgeries are those that need what another agency, a receiver of genuine mail or an odd server has.
func moreForgeries() []forgery {
	results := "\x01Authentication-Results: mx.quangtri.gov.vn; "
	const other = "ai@noikhac.example"
	return []forgery{
		{"our server passed a sibling's signature", func(c *court, v, d, m string) string {
			return results + "dkim=pass header.d=xa.quangtri.gov.vn\r\n" + m
		}},
		{"our server passed a signature from below", func(c *court, v, d, m string) string { return results + "dkim=pass header.d=x." + d + "\r\n" + m }},
		{"our server passed a sibling's signature, and found no record", func(c *court, v, d, m string) string {
			return results + "dkim=pass header.d=xa.quangtri.gov.vn; dmarc=none header.from=" + d + "\r\n" + m
		}},
		{"our server passed a sibling's envelope", func(c *court, v, d, m string) string {
			return results + "spf=pass smtp.mailfrom=x@xa.quangtri.gov.vn\r\n" + m
		}},
		{"our server passed an envelope from below", func(c *court, v, d, m string) string { return results + "spf=pass smtp.mailfrom=x." + d + "\r\n" + m }},
		{"the forwarder passed a sibling's signature", func(c *court, v, d, m string) string {
			return c.sealed(m, "chuyentiep.example.vn", "dkim=pass header.d=xa.quangtri.gov.vn", "none", 1)
		}},
		{"a domain with a sign that no domain has", func(c *court, v, d, m string) string {
			c.dns.records["TXT s._domainkey.x@"+d] = c.dns.records["TXT s._domainkey.evil.example"]
			return c.signed(m, "x@"+d)
		}},
		{"signed for a neighbour of ours, sent to us again", func(c *court, v, d, m string) string {
			return c.signed(c.replace(m, ourAddr, "vanthu@xa.quangtri.gov.vn"), d)
		}},
		{"results under our name with a sign in it that nobody shows", func(c *court, v, d, m string) string {
			return "Authentication-Results: mx.quang\x01tri.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results under our name with a NUL in it", func(c *court, v, d, m string) string {
			return "Authentication-Results: \x00mx.quangtri.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results under our name with a mark of direction in it", func(c *court, v, d, m string) string {
			return "Authentication-Results: mx.quangtri\u202e.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results under our name with a CR in it", func(c *court, v, d, m string) string {
			return "Authentication-Results: mx.quang\rtri.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results in a field with a blank behind its name", func(c *court, v, d, m string) string {
			return "Authentication-Results : mx.quangtri.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results in a field with a NUL in its name", func(c *court, v, d, m string) string {
			return "Authentication-\x00Results: mx.quangtri.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"results below odd ones of our own server", func(c *court, v, d, m string) string {
			return results + "spf=none smtp.mailfrom=e\u0301@evil.example\r\n" + "Authentication-Results: mx.quangtri.gov.vn; " + dmarcPass(d) + "\r\n" + m
		}},
		{"a name like the agency's address, at Exim", func(c *court, v, d, m string) string { return c.atExim("[203.0.113.9] (helo=["+clientIP+"])", v) + m }},
		{"a name like the agency's address, at Exim, its host known", func(c *court, v, d, m string) string {
			return c.atExim("mail.evil.example ([203.0.113.9] helo=["+clientIP+"])", v) + m
		}},
		{"a name like the agency's address, no address noted", func(c *court, v, d, m string) string {
			return c.atExim("mail.evil.example (helo=["+clientIP+"])", v) + m
		}},
		{"a name like the agency's address, at qmail", func(c *court, v, d, m string) string {
			return c.atExim("unknown (HELO ["+clientIP+"]) (203.0.113.9)", v) + m
		}},
		{"a signed letter sent again within the hour", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.replace(c.smime(c.replace(m, ourAddr, other), cert, key, c.now.Add(-1e9)), other, ourAddr)
		}},
		{"a signed letter with its header, under another subject", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.replace(c.smime(protect(m), cert, key, c.now), "Subject: Cong van so ", "Subject: Cong van so 9")
		}},
		{"a signed letter with its header, written to others", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.replace(c.smime(protect(c.replace(m, ourAddr, other)), cert, key, c.now), other, ourAddr)
		}},
		{"a signed letter with a header that is only content", func(c *court, v, d, m string) string {
			cert, key := c.certificate("Văn thư", []string{v}, c.root, c.rootKey)
			return c.smime(strings.Replace(protect(m), "; hp=\"clear\"", "", 1), cert, key, c.now)
		}},
		{"sealed for somebody else, who sends it again", func(c *court, v, d, m string) string {
			return c.sealed(m, "forward.example.vn", dmarcPass(d), "none", 1)
		}},
		{"To not signed, sent again under the agency's envelope", func(c *court, v, d, m string) string {
			return "\x03" + c.replace(c.signed(c.replace(m, ourAddr, other), d, "From", "Subject", "Content-Type"), other, ourAddr)
		}},
		{"To not signed, subject not either, from the agency's own host", func(c *court, v, d, m string) string {
			if d == "thue.quangtri.gov.vn" { // which is believed by SPF alone
				return m
			}
			return "\x04Return-Path: <" + v + ">\r\n" + c.entry("mail."+d, clientIP) + c.signed(m, d, "From", "Content-Type")
		}},
	}
}

// atExim is an entry of our own server as others than Postfix write it, with the envelope of the victim above. from is what it says of the host.
func (c *court) atExim(from, v string) string {
	return "\x04Return-Path: <" + v + ">\r\nReceived: from " + from + " by mx.quangtri.gov.vn with esmtps (Exim 4.94.2) id 1lYx; " + c.now.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n"
}

// protect has the signer's program write the header into what is signed once more (RFC 9788).
func protect(mail string) string {
	head, body, _ := strings.Cut(mail, "\r\n\r\n")
	head = strings.Replace(head, "multipart/mixed;", "multipart/mixed; hp=\"clear\";", 1)
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, _, _ := strings.Cut(line, ":"); name == "From" || name == "To" || name == "Subject" {
			head += "\r\n" + insideMark + line
		}
	}
	return head + "\r\n\r\n" + body
}
