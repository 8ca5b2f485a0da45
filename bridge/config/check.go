package config

import (
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/directory"
)

// checker asks of every value whether it makes sense, by itself and beside the others.
type checker struct {
	binder
	env func(string) string
}

// bound reports whether the value of a key was read: what is already wrong is not judged a second time.
func (k *checker) bound(path string) bool {
	for i := range k.faults {
		if k.faults[i].Key == path {
			return false
		}
	}
	return true
}

// require notes a fault at a key unless the condition holds or the key is at fault already.
func (k *checker) require(ok bool, path, format string, args ...any) {
	if !ok && k.bound(path) {
		k.fault(path, format, args...)
	}
}

func (k *checker) config(c *Config) {
	k.require(c.Data != "", "data", "is empty; name the folder for database and archive, or remove the line")
	k.database(c.Database.URL)
	k.require(c.HTTP.Listen == "" || hostPort(c.HTTP.Listen), "http.listen", `is %q; write host:port such as "127.0.0.1:9469", or "" to turn it off`, c.HTTP.Listen)
	if hostPort(c.HTTP.Listen) && !c.HTTP.Public {
		host, _, _ := net.SplitHostPort(c.HTTP.Listen) // checked by hostPort
		k.require(loopback(host), "http.listen", "can be reached from other machines; write a loopback address such as 127.0.0.1:9469, or set http.public = true")
	}
	k.require(c.Rules.Approvals == 1 || c.Rules.Approvals == 2, "rules.approvals", "must be 1, or 2: one person proposes a version of the rules, another confirms it")
	k.require(c.Rules.File != "", "rules.file", "is empty; name the file with the cutoff rules, or remove the line")
	k.require(c.Directory.File != "", "directory.file", "is empty; name the file with the agencies, or remove the line")
	k.identity(c.Identity)
	k.submission(c)
	k.notices(c.Notices)
	k.statuses(c.Statuses)
	for _, a := range c.Alarms.To {
		k.require(address(a), "alarms.to", "%q is no mail address; write it as name@domain", a)
	}
	k.require(c.Alarms.SilentAfter >= Duration(time.Minute), "alarms.silent_after", `is %s; write "1m" or more`, c.Alarms.SilentAfter)
	k.limits(c.Limits)
	k.require(c.Intake.Workers >= 0 && c.Intake.Workers <= 64, "intake.workers", "is %d; write 0 (one for each processor) to 64", c.Intake.Workers)
	k.reading(c.Reading)
	k.agencies(c.Agencies)
	k.mailboxes(c)
	k.targets(c)
	k.axes(c)
}

// database never repeats the address: a password may stand in it.
func (k *checker) database(text string) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		k.fault("database.url", `is no PostgreSQL address; write postgres://user:password@host:5432/name?sslmode=verify-full (characters such as @ : / ? # %% in the password as %%40 and so on), or "" for SQLite`)
		return
	}
	modes := []string{"disable", "require", "verify-ca", "verify-full"}
	mode := u.Query().Get("sslmode")
	k.require(slices.Contains(modes, mode), "database.url", "does not say how the connection is protected; end it with ?sslmode=verify-full (or verify-ca, require; disable on this machine only)")
	remote := u.Hostname() != "" && !loopback(u.Hostname())
	k.require(mode != "disable" || !remote, "database.url", "has sslmode=disable for another machine; write sslmode=verify-full")
	k.require(strings.Trim(u.Path, "/") != "", "database.url", "names no database; write its name after the host: postgres://…@host:5432/name?sslmode=…")
}

func (k *checker) identity(id Identity) {
	for _, v := range id.AuthservIDs {
		k.require(v != "" && !strings.ContainsAny(v, " \t;()\"="), "identity.authserv_ids", `%q is no such name; write the word that stands first in your server's Authentication-Results, before the ";"`, v)
	}
	for _, v := range id.TrustedHops {
		k.require(hostName(v), "identity.trusted_hops", `%q is no host name; write the name that stands after "by" in your server's Received`, v)
	}
	for _, v := range id.Relays {
		_, err := netip.ParseAddr(v)
		k.require(hostName(v) || err == nil, "identity.relays", `%q is no host name or address; write the name that stands after "by" in the relay's Received, or its address as our server writes it`, v)
	}
	for _, v := range id.OwnAddresses {
		k.require(address(v), "identity.own_addresses", "%q is no mail address; write it as name@domain", v)
	}
	for _, v := range id.Resolvers {
		host, _, _ := net.SplitHostPort(v)
		_, err := netip.ParseAddr(host)
		k.require(hostPort(v) && err == nil, "identity.resolvers", `%q is no name server; write its address and port such as "192.0.2.53:53"`, v)
	}
	k.require(id.Wait >= 0 && id.Wait <= Duration(24*time.Hour), "identity.wait", `is %s; write "0s" (a person decides at once) to "24h"`, id.Wait)
	for _, v := range id.Forwarders {
		k.require(hostName(v) && strings.Contains(v, "."), "identity.forwarders", `%q is no domain; write the d= of the forwarder's ARC-Seal`, v)
	}
	for _, v := range id.Signers {
		_, err := bridge.ReadSigner(v)
		k.require(err == nil, "identity.signers", "%q %v", v, err)
	}
}

// digestForm is the form of a time of day.
const digestForm = "15:04"

func (k *checker) notices(n Notices) {
	k.require(n.GiveUp >= Duration(time.Hour), "notices.give_up", `is %s; write "1h" or more, "5d" is usual`, n.GiveUp)
	err := notice.CheckVerifyURL(n.VerifyURL)
	k.require(err == nil, "notices.verify_url", "%v", err)
	caps := []struct {
		key string
		n   int
	}{{"per_sender_hour", n.PerSenderHour}, {"per_sender_day", n.PerSenderDay}, {"per_agency_day", n.PerAgencyDay}, {"per_domain_hour", n.PerDomainHour},
		{"per_hour", n.PerHour}, {"breaker_factor", n.BreakerFactor}}
	for _, c := range caps {
		k.require(c.n >= 0, "notices."+c.key, "is %d; write 0 (no bound) or more", c.n)
	}
	_, err = time.Parse(digestForm, n.DigestAt)
	k.require(err == nil || n.DigestAt == "", "notices.digest_at", `%q is no time of day; write it as "16:00", or "" for no digests`, n.DigestAt)
	k.require(n.BreakerFloor >= 1, "notices.breaker_floor", "is %d; write 1 or more, 60 is usual", n.BreakerFloor)
}

func (k *checker) statuses(s Statuses) {
	known := []string{}
	for _, step := range notice.Steps() {
		known = append(known, string(step))
	}
	for _, step := range s.Steps {
		k.require(slices.Contains(known, step), "statuses.steps", "%q is no step; write one of %s", step, strings.Join(known, ", "))
	}
	for _, g := range s.Groups {
		k.require(strings.TrimSpace(g) == g && g != "", "statuses.groups", "%q is no name of a group; write it as in agencies.csv", g)
	}
}

func (k *checker) limits(l Limits) {
	bounds := []struct {
		key         string
		is, lo, top int64
	}{
		{"header_bytes", int64(l.HeaderBytes), 16 << 10, 64 << 20}, {"fields", int64(l.Fields), 100, 100_000}, {"parts", int64(l.Parts), 10, 100_000},
		{"depth", int64(l.Depth), 3, 100}, {"text", int64(l.Text), 1000, 50_000_000},
		{"unpack_depth", int64(l.UnpackDepth), 0, 10}, {"unpack_entries", int64(l.UnpackEntries), 0, 100_000}, {"unpack_ratio", int64(l.UnpackRatio), 10, 10_000},
		{"unpack_bytes", int64(l.UnpackBytes), 0, 16 << 30},
	}
	for _, b := range bounds {
		k.require(b.is >= b.lo && b.is <= b.top, "limits."+b.key, "is %d; write a value from %d to %d, or remove the line", b.is, b.lo, b.top)
	}
}

// reading bounds what one file may cost: the queue behind it waits so long.
func (k *checker) reading(r Reading) {
	bounds := []struct {
		key         string
		is, lo, top int
		what        string
	}{
		{"pages_first", r.PagesFirst, 1, 100, ""}, {"pages_last", r.PagesLast, 0, 100, ""}, {"ocr_pages", r.OCRPages, 1, 100, " (ocr = false turns OCR off)"},
		{"workers", r.Workers, 1, 16, " (enabled = false turns reading off)"},
	}
	for _, b := range bounds {
		k.require(b.is >= b.lo && b.is <= b.top, "reading."+b.key, "is %d; write %d to %d%s", b.is, b.lo, b.top, b.what)
	}
	k.require(r.Budget >= Duration(5*time.Second) && r.Budget <= Duration(10*time.Minute), "reading.budget", `is %s; write "5s" to "10m"`, r.Budget)
	k.require(r.MaxFile >= 64<<10 && r.MaxFile <= 2<<30, "reading.max_file", `is %s; write "64KiB" to "2GiB"`, r.MaxFile)
	k.require(languageName(r.Language), "reading.language", `%q is no language of tesseract; write one name from the list that tesseract --list-langs prints, such as "vie"`, r.Language)
}

// languageName reports whether s can be the name of tesseract's data for one language: vie, chi_sim.
func languageName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

func (k *checker) agencies(list []Agency) {
	seen := map[string]bool{}
	for i, a := range list {
		at := entry("agency", i)
		k.require(a.ID != "", at+".id", `is missing; write a short name that mailboxes and rules use, such as id = "vp-ubnd"`)
		k.require(a.ID == "" || !seen[a.ID], at+".id", "%q is used twice; give each agency its own", a.ID)
		seen[a.ID] = true
		k.require(a.Code == "" || len(a.Code) <= 35 && a.Code == directory.NormalCode(a.Code), at+".code", "%q is no code; write it as the axis has it, such as H50.01", a.Code)
		k.require(a.Name != "", at+".name", "is missing; write the name of the agency as it is printed")
		k.require(address(a.From), at+".from", "%s; write the address that its notices come from", orMissing(a.From, "no mail address"))
		k.require(a.ReturnPath == "" || a.ReturnPath == "<>" || tokenAddress(a.ReturnPath), at+".return_path",
			`is %q; write an own mailbox with {token} before the @, such as "vanthu+{token}@quangtri.gov.vn", or "<>" when failures shall not come back`, a.ReturnPath)
		if address(a.From) && (a.ReturnPath == "" || tokenAddress(a.ReturnPath)) {
			err := notice.CheckReturnPath(returnPath(a))
			k.require(err == nil, at+".return_path", "%v; write a shorter own mailbox with {token} before the @, or \"<>\"", err)
		}
		k.require(len(a.Contact) <= maxContact, at+".contact", "has %d lines; write %d at most, every notice prints them all", len(a.Contact), maxContact)
		for key, text := range map[string]string{"name": a.Name, "parent_name": a.ParentName, "place": a.Place, "from_name": a.FromName, "contact": strings.Join(a.Contact, "")} {
			k.require(!strings.ContainsFunc(text, control), at+"."+key, "has a line end or control character in it; write it on one line")
		}
	}
}

// maxContact bounds the lines about who helps, so that a notice has room for all else that it says.
const maxContact = 20

func orMissing(v, wrong string) string {
	if v == "" {
		return "is missing"
	}
	return strconv.Quote(v) + " is " + wrong
}

func control(r rune) bool { return r < 0x20 || r == 0x7f }

// hostPort reports whether s is host:port, the port a number.
func hostPort(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// loopback reports whether a host is surely this machine. An empty host listens everywhere.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// hostName reports whether s is a host name in ASCII (RFC 1123, 2.1) or an IP address.
func hostName(s string) bool {
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return false
		}
	}
	return len(s) <= 253
}

// address reports whether s is one bare mail address.
func address(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && hostName(s[strings.LastIndexByte(s, '@')+1:])
}

// tokenAddress reports whether s is an address whose local part has {token} in it once.
func tokenAddress(s string) bool {
	local, _, ok := strings.Cut(s, "@")
	return ok && strings.Count(s, "{token}") == 1 && strings.Contains(local, "{token}") && address(strings.Replace(s, "{token}", "x", 1))
}
