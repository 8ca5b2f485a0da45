package config

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/giaolien/giaolien/mapping/directory"
)

// Read turns the bytes of a configuration file into a checked Config. file is its path, for messages and for relative paths. env looks up
// environment variables: those that the file names must be set; nil leaves that unasked, for commands that log in nowhere. The error is
// directory.Faults with everything that is wrong.
func Read(file string, data []byte, env func(string) string) (Config, error) {
	c, at, faults := decode(file, data)
	k := checker{binder: binder{file: file, lines: at, faults: faults}, env: env}
	if at != nil {
		k.config(&c)
	}
	if len(k.faults) > 0 {
		slices.SortStableFunc(k.faults, func(a, b directory.Fault) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key))
		})
		return Config{}, k.faults
	}
	c.resolve(filepath.Dir(file))
	return c, nil
}

// decode lays the file over the defaults. Without lines its syntax is wrong, and the only fault says where.
func decode(file string, data []byte) (Config, lines, directory.Faults) {
	c := Default()
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		return c, nil, directory.Faults{syntax(file, err)}
	}
	at, err := linesOf(data)
	if err != nil {
		return c, nil, directory.Faults{syntax(file, err)}
	}
	b := binder{file: file, lines: at}
	b.table("", tree, reflect.ValueOf(&c).Elem())
	return c, at, b.faults
}

func syntax(file string, err error) directory.Fault {
	f := directory.Fault{File: file, Text: fmt.Sprintf("not valid TOML: %s; mend this first, the rest is checked then", strings.TrimPrefix(err.Error(), "toml: "))}
	var at *toml.DecodeError
	if errors.As(err, &at) {
		f.Line, _ = at.Position()
		f.Key = strings.Join(at.Key(), ".")
	}
	return f
}

// resolve fills in what follows from other keys, and puts relative paths under the folder of the file.
func (c *Config) resolve(folder string) {
	under := func(base string, paths ...*string) {
		for _, p := range paths {
			if *p != "" && !filepath.IsAbs(*p) {
				*p = filepath.Join(base, *p)
			}
		}
	}
	under(folder, &c.Data, &c.Archive.Path, &c.Rules.File, &c.Directory.File, &c.SMTP.CAFile, &c.SMTP.PasswordFile, &c.Notices.KeyFile, &c.Notices.Templates, &c.Notices.Citations, &c.Reading.TrustFolder,
		&c.Reading.TessData, &c.Register.Calendar)
	c.Archive.Path = cmp.Or(c.Archive.Path, filepath.Join(c.Data, "archive"))
	c.Notices.KeyFile = cmp.Or(c.Notices.KeyFile, filepath.Join(c.Data, "notice.key"))
	c.Intake.Workers = cmp.Or(c.Intake.Workers, runtime.NumCPU())
	c.SMTP.Port = cmp.Or(c.SMTP.Port, submissionPort(c.SMTP.TLS))
	lower(c.Identity.AuthservIDs, c.Identity.TrustedHops, c.Identity.Relays, c.Identity.OwnAddresses, c.Identity.Forwarders)
	for i := range c.Agencies {
		c.Agencies[i].resolve()
	}
	for i := range c.Mailboxes {
		m := &c.Mailboxes[i]
		under(folder, &m.CAFile, &m.PasswordFile)
		m.Port = cmp.Or(m.Port, imapPort(m.TLS))
	}
	for i := range c.Axes {
		a := &c.Axes[i]
		under(folder, &a.CAFile, &a.SecretFile, &a.Folder)
	}
	for i := range c.Targets {
		t := &c.Targets[i]
		under(folder, &t.CAFile, &t.Secret, &t.OldSecret, &t.Folder)
		lower(t.Hosts)
	}
}

func (a *Agency) resolve() {
	a.FromName = cmp.Or(a.FromName, a.Name)
	a.ReturnPath = returnPath(*a)
}

func submissionPort(t TLS) int {
	switch t {
	case Implicit:
		return 465
	case StartTLS:
		return 587
	}
	return 25
}

func imapPort(t TLS) int {
	if t == Implicit {
		return 993
	}
	return 143
}

func lower(lists ...[]string) {
	for _, l := range lists {
		for i := range l {
			l[i] = strings.ToLower(l[i])
		}
	}
}

// returnPath is where failures of an agency's notices come back: a sub-address of the address that they come from, unless it says.
func returnPath(a Agency) string {
	if at := strings.LastIndexByte(a.From, '@'); a.ReturnPath == "" && at > 0 {
		return a.From[:at] + "+{token}" + a.From[at:]
	}
	return a.ReturnPath
}
