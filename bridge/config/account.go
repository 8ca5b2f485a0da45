package config

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// account is what a mailbox and the submission server have in common: whom to log in to, and how.
type account struct {
	path         string
	host         string
	port         int
	tls          TLS
	auth         Auth
	user         string
	passwordFile string
	passwordEnv  string
	tokenCommand []string
}

func (k *checker) account(a account) {
	k.require(hostName(a.host), a.path+".host", "%s; write the name of the server, without port", orMissing(a.host, "no host name"))
	k.require(a.port >= 0 && a.port <= 65535, a.path+".port", "is %d; write 1 to 65535, or 0 for the usual one", a.port)
	k.require(a.tls != Plain || loopback(a.host), a.path+".tls", `is "none", which would send the password in clear; write "implicit" or "starttls" ("none" is for a server on this machine, by the name localhost or 127.0.0.1)`)
	if a.auth == AuthNone {
		k.require(a.user == "", a.path+".user", `is given, but auth is "none"; remove one of them`)
	} else {
		k.require(a.user != "", a.path+".user", "is missing; write the name to log in with")
	}
	k.secret(a)
}

// secret asks for exactly the secret that the way of logging in needs.
func (k *checker) secret(a account) {
	password := a.passwordFile != "" || a.passwordEnv != ""
	token := len(a.tokenCommand) > 0
	switch {
	case a.auth == AuthNone:
		k.require(!password && !token, a.path+".auth", `is "none", but a password or token is given; remove one of them`)
	case a.auth.Token():
		k.require(token, a.path+".token_command", `is missing; auth = %q needs a command that prints an access token, such as ["/usr/local/bin/token", "vanthu"]`, a.auth)
		k.require(!password, a.path+".auth", "is %q, which uses token_command; remove password_file and password_env", a.auth)
	default:
		k.require(password, a.path+".password_file", "is missing; name a file with the password that only its owner may read (or the variable in password_env)")
		k.require(a.passwordFile == "" || a.passwordEnv == "", a.path+".password_env", "stands beside password_file; remove one of them")
		k.require(!token, a.path+".token_command", `is for auth = "xoauth2" and "oauthbearer"; remove it, or change auth`)
	}
	k.require(!token || a.tokenCommand[0] != "", a.path+".token_command", "names no program; write it first, then its arguments")
	if a.passwordEnv != "" && k.env != nil {
		k.require(k.env(a.passwordEnv) != "", a.path+".password_env", "names the environment variable %s, which is not set; set it where the program is started, or use password_file", a.passwordEnv)
	}
}

func (k *checker) submission(c *Config) {
	s := c.SMTP
	if s.Host == "" {
		k.require(c.Notices.Mode != Send, "notices.mode", `is "send", but smtp.host names no submission server; name one, or write "review" or "off"`)
		return
	}
	k.account(account{"smtp", s.Host, s.Port, s.TLS, s.Auth, s.User, s.PasswordFile, s.PasswordEnv, s.TokenCommand})
	k.require(s.Helo == "" || hostName(s.Helo), "smtp.helo", "%q is no host name; write the name of this machine, or remove the line", s.Helo)
}

func (k *checker) mailboxes(c *Config) {
	receivers := make([]string, len(c.Agencies))
	for i, a := range c.Agencies {
		receivers[i] = a.ID
	}
	names, watched := map[string]bool{}, map[string]string{}
	for i, m := range c.Mailboxes {
		at := entry("mailbox", i)
		k.require(m.Name != "", at+".name", `is missing; write a short name for log and metrics, such as name = "vanthu"`)
		k.require(m.Name == "" || !names[m.Name], at+".name", "%q is used twice; give each mailbox its own", m.Name)
		names[m.Name] = true
		k.require(slices.Contains(receivers, m.Receiver), at+".receiver", "%s; write the id of an [[agency]] of this file", orMissing(m.Receiver, "the id of no [[agency]]"))
		k.account(account{at, m.Host, m.Port, m.TLS, m.Auth, m.User, m.PasswordFile, m.PasswordEnv, m.TokenCommand})
		k.require(m.Auth != AuthNone, at+".auth", `is "none"; a mailbox needs a login: write plain, login, xoauth2 or oauthbearer`)
		k.require(!m.Start.IsZero(), at+".start", "is missing; write the day from which mail is decided, such as start = 2026-12-01 (older mail is recorded only)")
		k.require(m.Poll >= Duration(5*time.Second) && m.Poll <= Duration(time.Hour), at+".poll", `is %s; write "5s" to "1h"`, m.Poll)
		k.require(m.MaxConnections >= 0 && m.MaxConnections <= 100, at+".max_connections", "is %d; write 1 to 100, or 0 for one for each folder", m.MaxConnections)
		k.require(m.MaxMessage >= 1<<20, at+".max_message", `is %s; write "1MiB" or more`, m.MaxMessage)
		k.folders(at, m, watched)
		k.after(at, m)
	}
}

// folders finds folders without a name, and those that two mailboxes would watch at once.
func (k *checker) folders(at string, m Mailbox, watched map[string]string) {
	k.require(len(m.Folders) > 0, at+".folders", `is empty; write ["INBOX"], or remove the line`)
	for _, f := range m.Folders {
		k.require(f != "" && !strings.ContainsFunc(f, control), at+".folders", "%q is no folder name; write it as the server shows it", f)
		if strings.EqualFold(f, "INBOX") {
			f = "INBOX" // RFC 3501, 5.1
		}
		port := m.Port
		if port == 0 {
			port = imapPort(m.TLS)
		}
		key := m.User + "\x00" + net.JoinHostPort(strings.ToLower(m.Host), strconv.Itoa(port)) + "\x00" + f
		other, twice := watched[key]
		k.require(!twice, at+".folders", "%s of this account is watched by %s already; remove one of them", f, other)
		watched[key] = at
	}
}

func (k *checker) after(at string, m Mailbox) {
	folders := []struct{ key, name string }{{"processed", m.Processed}, {"refused", m.Refused}, {"quarantined", m.Quarantined}}
	named := false
	for _, f := range folders {
		named = named || f.name != ""
		k.require(m.After == AfterMove || f.name == "", at+"."+f.key, `is for after = "move"; set after, or remove the line`)
		k.require(f.name == "" || !slices.Contains(m.Folders, f.name), at+"."+f.key, "is a watched folder itself; name another one")
	}
	if m.After == AfterMove {
		k.require(named, at+".after", `is "move", but no folder is named; write processed, refused or quarantined`)
	}
	if m.After == AfterFlag {
		k.require(m.Flag != "" && !strings.ContainsAny(m.Flag, " \\(){%*\"]") && !strings.ContainsFunc(m.Flag, func(r rune) bool { return control(r) || r > 0x7e }),
			at+".flag", "%q cannot be a keyword on a mail server; write a word of letters, digits, $ and -", m.Flag)
	}
}
