package config

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Axis is one account on a document exchange, or a folder of packages in the place of one.
type Axis struct {
	Name       string    `toml:"name"`        // required; [[target]] axis, log and metrics use it
	Kind       AxisKind  `toml:"kind"`        // vxp, lgsp or folder; default vxp
	URL        string    `toml:"url"`         // with vxp and lgsp: base address of its calls
	SystemID   string    `toml:"system_id"`   // … who we are there
	SecretFile string    `toml:"secret_file"` // … file with the secret key, which only its owner may read
	SecretEnv  string    `toml:"secret_env"`  // … or the name of an environment variable; default empty
	CAFile     string    `toml:"ca_file"`     // … PEM file of the authorities to believe; empty: those of the system (default)
	Timeout    Duration  `toml:"timeout"`     // … of a call, and of a standstill while a package is passed on; default 60s
	MaxPackage Size      `toml:"max_package"` // larger packages are not taken, in bytes as they come over the wire; default 512MiB
	ProperHash bool      `toml:"proper_hash"` // with vxp: hash-file in whole hexadecimal, not as the official builder writes it; default false
	Types      AxisTypes `toml:"types"`       // how types of documents are numbered in what is sent; default standard
	OwnInbox   bool      `toml:"own_inbox"`   // with lgsp: what is sent to our agencies lies in this account's inbox, where lost answers are looked up; default false
	Resend     bool      `toml:"resend"`      // with lgsp: sends again what may have arrived, because the receiver drops copies; default false
	Receive    bool      `toml:"receive"`     // takes in the packages of its inbox; default false
	Start      time.Time `toml:"start"`       // with receive: older packages are recorded, never judged; a date means 00:00 +07:00
	Poll       Duration  `toml:"poll"`        // with receive: how often the inbox is looked at; default 60s
	Window     Duration  `toml:"window"`      // with receive: how far back the inbox is listed, where the axis can be asked for a period; default 30d
	Ack        bool      `toml:"ack"`         // with receive: tells the axis that a package was taken, once it is stored; default false: nothing is touched
	Folder     string    `toml:"folder"`      // with folder: where the document system puts *.edxml files; it must be there
	Sync       Sync      `toml:"sync"`        // with vxp: off, or daily: the agency list is compared with the directory; default off
	SyncApply  bool      `toml:"sync_apply"`  // with sync: what is certain is written into the directory; default false: it is only reported
}

// AxisKind is the way an axis is spoken to.
type AxisKind string

const (
	AxisVXP    AxisKind = "vxp"
	AxisLGSP   AxisKind = "lgsp"
	AxisFolder AxisKind = "folder"
)

// AxisTypes is how types of documents are numbered.
type AxisTypes string

const (
	TypesStandard AxisTypes = "standard" // by SĐ1:2022: 1 or 2, and the row in that list
	TypesNamed    AxisTypes = "name"     // 1 and no row for every type: its name alone tells, as in the official builder's samples
)

// Sync says how often a list is fetched.
type Sync string

const (
	SyncOff   Sync = "off"
	SyncDaily Sync = "daily"
)

// Values lists what may be written.
func (AxisKind) Values() []string  { return []string{"vxp", "lgsp", "folder"} }
func (AxisTypes) Values() []string { return []string{"standard", "name"} }
func (Sync) Values() []string      { return []string{"off", "daily"} }

// DefaultAxis is what holds in an [[axis]] where it says nothing.
func DefaultAxis() Axis {
	return Axis{Kind: AxisVXP, Timeout: Duration(time.Minute), MaxPackage: 512 << 20, Types: TypesStandard, Poll: Duration(time.Minute), Window: Duration(30 * 24 * time.Hour),
		Sync: SyncOff}
}

// Receives says whether packages are taken in.
func (a Axis) Receives() bool { return a.Receive || a.Kind == AxisFolder }

func (k *checker) axes(c *Config) {
	names := map[string]bool{}
	for i, a := range c.Axes {
		at := entry("axis", i)
		k.require(plainName(a.Name), at+".name", `%s; write 1 to 32 small letters, digits and dashes, such as name = "truc"`, orMissing(a.Name, "no such name"))
		k.require(a.Name == "" || !names[a.Name], at+".name", "%q is used twice; give each axis its own", a.Name)
		k.require(!slices.ContainsFunc(c.Mailboxes, func(m Mailbox) bool { return m.Name == a.Name }), at+".name", "%q is the name of a [[mailbox]] too; give the axis its own", a.Name)
		names[a.Name] = true
		k.axisKeys(at, a)
		if a.Kind == AxisFolder {
			k.require(a.Folder != "", at+".folder", "is missing; name the folder that the document system writes packages into")
		} else {
			k.axisAccount(at, a)
		}
		if a.Receives() {
			k.require(!a.Start.IsZero(), at+".start", "is missing; write the day from which packages are decided, such as start = 2026-12-01 (older ones are recorded only)")
			k.require(slices.ContainsFunc(c.Agencies, func(g Agency) bool { return g.Code != "" }), at+".receive", `asks for packages, but no [[agency]] has a code; write its code on the axis, such as code = "H50.01"`)
		}
		k.require(a.Poll >= Duration(5*time.Second) && a.Poll <= Duration(time.Hour), at+".poll", `is %s; write "5s" to "1h"`, a.Poll)
		k.require(a.Window >= Duration(24*time.Hour) && a.Window <= Duration(366*24*time.Hour), at+".window", `is %s; write "1d" to "366d"`, a.Window)
		k.require(a.MaxPackage >= 1<<20, at+".max_package", `is %s; write "1MiB" or more`, a.MaxPackage)
	}
	for i, t := range c.Targets {
		known := slices.ContainsFunc(c.Axes, func(a Axis) bool { return a.Name == t.Axis && a.Kind != AxisFolder })
		k.require(t.Kind != TargetAxis || t.Axis == "" || known, entry("target", i)+".axis", `%q is no [[axis]] of this file with kind = "vxp" or "lgsp"`, t.Axis)
	}
}

// axisKeys finds keys that are for another kind.
func (k *checker) axisKeys(at string, a Axis) {
	folder, vxp, lgsp := a.Kind == AxisFolder, a.Kind == AxisVXP, a.Kind == AxisLGSP
	for _, own := range []struct {
		key  string
		set  bool
		here bool
		what string
	}{
		{"folder", a.Folder != "", folder, `kind = "folder"`}, {"url", a.URL != "", !folder, "an axis"}, {"system_id", a.SystemID != "", !folder, "an axis"},
		{"secret_file", a.SecretFile != "", !folder, "an axis"}, {"secret_env", a.SecretEnv != "", !folder, "an axis"}, {"ca_file", a.CAFile != "", !folder, "an axis"},
		{"proper_hash", a.ProperHash, vxp, `kind = "vxp"`}, {"own_inbox", a.OwnInbox, lgsp, `kind = "lgsp"`}, {"resend", a.Resend, lgsp, `kind = "lgsp"`},
		{"ack", a.Ack, !folder && a.Receive, "an axis with receive = true"}, {"sync", a.Sync != SyncOff, vxp, `kind = "vxp"`},
		{"sync_apply", a.SyncApply, a.Sync != SyncOff, `sync = "daily"`},
	} {
		k.require(!own.set || own.here, at+"."+own.key, "is for %s; remove the line", own.what)
	}
	k.require(!a.OwnInbox || !a.Ack, at+".ack", "may take packages off the list in which own_inbox looks for what was sent; remove one of them")
}

func (k *checker) axisAccount(at string, a Axis) {
	u, err := url.Parse(a.URL)
	sound := err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
	k.require(sound, at+".url", "%s; write https://host/path, without login", orMissing(a.URL, "no address"))
	if sound {
		k.require(u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()), at+".url", "does not begin with https://, which keeps documents and keys from others' eyes (http only to 127.0.0.1)")
	}
	ascii := a.SystemID != "" && !strings.ContainsAny(a.SystemID, "\"\\ ") && !strings.ContainsFunc(a.SystemID, func(r rune) bool { return control(r) || r > 0x7e })
	k.require(ascii, at+".system_id", "%s; write it as the axis gave it", orMissing(a.SystemID, "no system id"))
	k.require((a.SecretFile == "") != (a.SecretEnv == ""), at+".secret_file", "is missing, or stands beside secret_env; name one file with the secret key")
	if a.SecretEnv != "" && k.env != nil {
		k.require(k.env(a.SecretEnv) != "", at+".secret_env", "names the environment variable %s, which is not set", a.SecretEnv)
	}
	k.require(a.Timeout >= Duration(5*time.Second) && a.Timeout <= Duration(10*time.Minute), at+".timeout", `is %s; write "5s" to "10m"`, a.Timeout)
}
