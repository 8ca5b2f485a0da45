package config

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time written as "90s", "10m", "1h30m" or "5d".
type Duration time.Duration

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// UnmarshalText reads whole numbers with the units d, h, m, s and ms, largest first. Negative lengths have no meaning in a configuration.
func (d *Duration) UnmarshalText(text []byte) error {
	rest, total := string(text), time.Duration(0)
	if days, after, ok := strings.Cut(rest, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return errDuration
		}
		total, rest = time.Duration(n)*24*time.Hour, after
		if rest == "" {
			*d = Duration(total)
			return nil
		}
	}
	more, err := time.ParseDuration(rest)
	if err != nil || more < 0 || strings.ContainsAny(rest, "+-.") || total > math.MaxInt64-more {
		return errDuration
	}
	*d = Duration(total + more)
	return nil
}

// MarshalText writes the shortest form that UnmarshalText reads back.
func (d Duration) MarshalText() ([]byte, error) {
	const day = 24 * time.Hour
	if t := time.Duration(d); t > 0 && t%day == 0 {
		return []byte(strconv.FormatInt(int64(t/day), 10) + "d"), nil
	}
	text := time.Duration(d).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return []byte(text), nil
}

func (d Duration) String() string {
	text, _ := d.MarshalText() // never fails
	return string(text)
}

// Size is a number of bytes written as "512KiB", "100MiB", "1GiB", "10MB" or "4096".
type Size int64

// UnmarshalText reads a whole number and a unit.
func (s *Size) UnmarshalText(text []byte) error {
	digits := strings.TrimRight(string(text), "BKMGTikb ")
	unit := int64(0)
	for _, u := range sizeUnits() {
		if strings.TrimSpace(string(text)[len(digits):]) == u.name {
			unit = u.bytes
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || unit == 0 || n > math.MaxInt64/unit {
		return errSize
	}
	*s = Size(n * unit)
	return nil
}

// MarshalText writes the largest unit that divides the size.
func (s Size) MarshalText() ([]byte, error) {
	for _, u := range sizeUnits() {
		if u.bytes > 1 && int64(s) != 0 && int64(s)%u.bytes == 0 {
			return []byte(strconv.FormatInt(int64(s)/u.bytes, 10) + u.name), nil
		}
	}
	return []byte(strconv.FormatInt(int64(s), 10)), nil
}

func (s Size) String() string {
	text, _ := s.MarshalText() // never fails
	return string(text)
}

type sizeUnit struct {
	name  string
	bytes int64
}

func sizeUnits() []sizeUnit {
	return []sizeUnit{
		{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
		{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"KB", 1e3}, {"B", 1}, {"", 1},
	}
}

var (
	errDuration = errors.New(`not a length of time; write a whole number with its unit in quotes, such as "90s", "10m", "1h30m" or "5d"`)
	errSize     = errors.New(`not a size; write a whole number with its unit in quotes, such as "512KiB", "100MiB" or "1GiB"`)
)

// vietnam is the zone that dates without one are meant in; it has had no other offset since 1975.
func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

// LogFormat is the form of the log.
type LogFormat string

const (
	LogAuto     LogFormat = "auto"
	LogJSON     LogFormat = "json"
	LogTerminal LogFormat = "terminal"
)

// LogLevel is the lowest level that is logged.
type LogLevel string

const (
	LogDebug LogLevel = "debug"
	LogInfo  LogLevel = "info"
	LogWarn  LogLevel = "warn"
	LogError LogLevel = "error"
)

// TLS says how a connection is protected.
type TLS string

const (
	Implicit TLS = "implicit" // from the first byte (RFC 8314)
	StartTLS TLS = "starttls" // asked for in clear, then mandatory
	Plain    TLS = "none"     // in clear: loopback only
)

// Auth is the way to log in.
type Auth string

const (
	AuthPlain       Auth = "plain"
	AuthLogin       Auth = "login"
	AuthXOAuth2     Auth = "xoauth2"
	AuthOAuthBearer Auth = "oauthbearer" // RFC 7628
	AuthNone        Auth = "none"        // submission only: a server that knows us by our address
)

// Token says whether the way needs an access token instead of a password.
func (a Auth) Token() bool { return a == AuthXOAuth2 || a == AuthOAuthBearer }

// Mode says what happens to notices.
type Mode string

const (
	Off    Mode = "off"
	Review Mode = "review" // a person releases each
	Send   Mode = "send"
)

// After says what is done to a message on the server once its outcome is committed.
type After string

const (
	AfterNone After = "none"
	AfterFlag After = "flag"
	AfterMove After = "move"
)

// Values lists what may be written; the binder reports anything else.
func (LogFormat) Values() []string { return []string{"auto", "json", "terminal"} }
func (LogLevel) Values() []string  { return []string{"debug", "info", "warn", "error"} }
func (TLS) Values() []string       { return []string{"implicit", "starttls", "none"} }
func (Auth) Values() []string      { return []string{"plain", "login", "xoauth2", "oauthbearer", "none"} }
func (Mode) Values() []string      { return []string{"off", "review", "send"} }
func (After) Values() []string     { return []string{"none", "flag", "move"} }
