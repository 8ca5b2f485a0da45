package config

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Target is one document system that registered records are delivered to.
type Target struct {
	Name      string     `toml:"name"`            // required; log, metrics and the ids of deliveries use it; never changed
	Kind      TargetKind `toml:"kind"`            // axis, webhook or folder; default axis
	Receivers []string   `toml:"receivers"`       // receiving agencies whose records it takes; default none: all
	Axis      string     `toml:"axis"`            // with kind = axis: name of the [[axis]]
	URL       string     `toml:"url"`             // with kind = webhook: where deliveries are posted to
	Hosts     []string   `toml:"hosts"`           // … the only hosts that it may go to; default none
	Addresses []string   `toml:"addresses"`       // … private addresses that are allowed all the same, 10.0.5.7 or 10.0.5.0/24; default none
	CAFile    string     `toml:"ca_file"`         // … PEM file of the authorities to believe; empty: those of the system (default)
	Secret    string     `toml:"secret_file"`     // … file with the key of the signature, which only its owner may read
	SecretEnv string     `toml:"secret_env"`      // … or the name of an environment variable; default empty
	OldSecret string     `toml:"old_secret_file"` // … the key before, while receivers change over: both sign; default empty
	Files     Size       `toml:"files"`           // … files go along in the body up to this size together; default 0: digests only
	Timeout   Duration   `toml:"timeout"`         // … of one call; default 10s
	Folder    string     `toml:"folder"`          // with kind = folder: where packages are put; it must be there
	GiveUp    Duration   `toml:"give_up"`         // how long a delivery is tried before a person is asked; default 3d
}

// TargetKind is the way into a document system.
type TargetKind string

const (
	TargetAxis    TargetKind = "axis"
	TargetWebhook TargetKind = "webhook"
	TargetFolder  TargetKind = "folder"
)

// Values lists what may be written.
func (TargetKind) Values() []string { return []string{"axis", "webhook", "folder"} }

// DefaultTarget is what holds in a [[target]] where it says nothing.
func DefaultTarget() Target {
	return Target{Kind: TargetAxis, Receivers: []string{}, Hosts: []string{}, Addresses: []string{}, Timeout: Duration(10 * time.Second), GiveUp: Duration(3 * 24 * time.Hour)}
}

// Takes says whether records of a receiving agency go to the target.
func (t Target) Takes(receiver string) bool {
	return len(t.Receivers) == 0 || slices.Contains(t.Receivers, receiver)
}

// Prefixes are the addresses that are allowed. They were checked when the configuration was read.
func (t Target) Prefixes() []netip.Prefix {
	out := make([]netip.Prefix, 0, len(t.Addresses))
	for _, a := range t.Addresses {
		if p, ok := prefixOf(a); ok {
			out = append(out, p)
		}
	}
	return out
}

// prefixOf reads an address or a block of them.
func prefixOf(s string) (netip.Prefix, bool) {
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		ip = ip.Unmap()
		return netip.PrefixFrom(ip, ip.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

func (k *checker) targets(c *Config) {
	names := map[string]bool{}
	for i, t := range c.Targets {
		at := entry("target", i)
		k.require(plainName(t.Name), at+".name", `%s; write 1 to 32 small letters, digits and dashes, such as name = "qlvb"`, orMissing(t.Name, "no such name"))
		k.require(t.Name == "" || !names[t.Name], at+".name", "%q is used twice; give each target its own", t.Name)
		names[t.Name] = true
		for _, r := range t.Receivers {
			k.require(slices.ContainsFunc(c.Agencies, func(a Agency) bool { return a.ID == r }), at+".receivers", "%q is the id of no [[agency]] of this file", r)
		}
		k.require(t.GiveUp >= Duration(time.Hour) && t.GiveUp <= Duration(30*24*time.Hour), at+".give_up", `is %s; write "1h" to "30d"`, t.GiveUp)
		for _, own := range []struct {
			kind TargetKind
			key  string
			set  bool
		}{
			{TargetAxis, "axis", t.Axis != ""}, {TargetFolder, "folder", t.Folder != ""}, {TargetWebhook, "url", t.URL != ""},
			{TargetWebhook, "hosts", len(t.Hosts) > 0}, {TargetWebhook, "addresses", len(t.Addresses) > 0}, {TargetWebhook, "ca_file", t.CAFile != ""},
			{TargetWebhook, "secret_file", t.Secret != ""}, {TargetWebhook, "secret_env", t.SecretEnv != ""},
			{TargetWebhook, "old_secret_file", t.OldSecret != ""}, {TargetWebhook, "files", t.Files != 0},
		} {
			k.require(!own.set || t.Kind == own.kind, at+"."+own.key, `is for kind = %q; remove the line`, own.kind)
		}
		switch t.Kind {
		case TargetAxis:
			k.require(t.Axis != "", at+".axis", "is missing; write the name of an [[axis]] of this file")
			k.codes(c, at, t)
		case TargetFolder:
			k.require(t.Folder != "", at+".folder", "is missing; name the folder that the document system reads")
			k.codes(c, at, t)
		case TargetWebhook:
			k.webhook(at, t)
		}
	}
}

// codes asks for our own code on the axis: a package names its receiver by it.
func (k *checker) codes(c *Config, at string, t Target) {
	for i, a := range c.Agencies {
		k.require(!t.Takes(a.ID) || a.Code != "", entry("agency", i)+".code", `is missing; the target %q of %s names its receiver by it: write the agency's code on the axis, such as code = "H50.01"`, t.Name, at)
	}
}

func (k *checker) webhook(at string, t Target) {
	u, err := url.Parse(t.URL)
	sound := err == nil && u.Host != "" && u.User == nil && u.Fragment == ""
	k.require(sound, at+".url", "%s; write https://host/path, without login", orMissing(t.URL, "no address"))
	if sound {
		host := strings.ToLower(u.Hostname())
		ip, err := netip.ParseAddr(host)
		k.require(u.Scheme == "https" || u.Scheme == "http" && err == nil && ip.IsLoopback(), at+".url", "does not begin with https://, which keeps documents and signature from others' eyes (http only to 127.0.0.1)")
		k.require(slices.ContainsFunc(t.Hosts, func(h string) bool { return strings.EqualFold(h, host) }), at+".hosts", "does not list %s, the host of url; write hosts = [%q]", host, host)
	}
	for _, a := range t.Addresses {
		_, ok := prefixOf(a)
		k.require(ok, at+".addresses", `%q is no address; write one such as "10.0.5.7", or a block such as "10.0.5.0/24"`, a)
	}
	k.require((t.Secret == "") != (t.SecretEnv == ""), at+".secret_file", "is missing, or stands beside secret_env; name one file with the key of the signature")
	if t.SecretEnv != "" && k.env != nil {
		k.require(k.env(t.SecretEnv) != "", at+".secret_env", "names the environment variable %s, which is not set", t.SecretEnv)
	}
	k.require(t.Files >= 0 && t.Files <= 64<<20, at+".files", `is %s; write "0" to "64MiB"`, t.Files)
	k.require(t.Timeout >= Duration(time.Second) && t.Timeout <= Duration(time.Minute), at+".timeout", `is %s; write "1s" to "1m"`, t.Timeout)
}

// plainName reports whether s can be part of an id.
func plainName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
