package notice

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of RFC 5321, 4.5.3.1, in octets.
const (
	maxLocal   = 64
	maxAddress = 254
	maxID      = 500 // of a foreign message id; longer ones would break the line limit of RFC 5322, 2.1.1
)

// clean makes one line of a string for people: valid UTF-8, NFC, blanks folded to one, no control characters, nothing invisible that
// changes the order of the text (UTS 36, 2.2), no placeholder of ours, at most limit runes with the cut visible.
func clean(s string, limit int) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	s = unmarked.Replace(s)
	if utf8.RuneCountInString(s) > limit {
		s = strings.TrimRight(string([]rune(s)[:limit-1]), " ") + "…"
	}
	return s
}

// CheckAddress says why an address cannot be written to; nil when it can.
func CheckAddress(addr string) error { return checkAddress(addr) }

// unmarked takes the placeholders of ours out of what others say. It is built once: building it costs more than using it.
var unmarked = strings.NewReplacer(soDenMark, "(so_den)", reminderMark, "(reminder)", dateMark, "(date)", timeMark, "(time)")

// checkAddress takes plain addresses only: an ASCII dot-atom at a domain of letters, digits and hyphens. Quoted local parts, address
// literals and SMTPUTF8 are refused: no official mailbox has them, and each is a way to say two things at once.
func checkAddress(addr string) error {
	at := strings.LastIndexByte(addr, '@')
	switch {
	case at <= 0 || at == len(addr)-1:
		return errors.New("address has no local part or no domain")
	case len(addr) > maxAddress:
		return fmt.Errorf("address is longer than %d octets", maxAddress)
	case at > maxLocal:
		return fmt.Errorf("local part is longer than %d octets", maxLocal)
	}
	if !dotAtom(addr[:at]) {
		return errors.New("local part has other characters than a plain address may have")
	}
	for label := range strings.SplitSeq(addr[at+1:], ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.Trim(label, ldh) != "" {
			return errors.New("domain is not one of letters, digits and hyphens")
		}
	}
	return nil
}

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	ldh     = letters + "-"
	atext   = letters + "!#$%&'*+-/=?^_`{|}~" // RFC 5322, 3.2.3
)

func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" || strings.Trim(atom, atext) != "" {
			return false
		}
	}
	return true
}

// checkMessageID takes what can stand between < and > without harm: printable ASCII with one @ inside. Real ids are not always dot-atoms.
func checkMessageID(id string) error {
	at := strings.LastIndexByte(id, '@')
	if at <= 0 || at == len(id)-1 || len(id) > maxID {
		return errors.New("message id has no @ inside, or is too long")
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`<>()\",;`, c) >= 0 {
			return errors.New("message id has characters that cannot stand in a header")
		}
	}
	return nil
}

func domainOf(addr string) string { return addr[strings.LastIndexByte(addr, '@')+1:] }

// CheckReturnPath says what is wrong with a return path of the configuration: it must be <>, or a plain address with {token} once in its
// local part and room for the longest token there.
func CheckReturnPath(pattern string) error {
	_, err := returnPath(pattern, strings.Repeat("x", longestToken))
	return err
}

func returnPath(pattern, token string) (string, error) {
	if pattern == "<>" {
		return "", nil
	}
	at := strings.LastIndexByte(pattern, '@')
	if at < 0 || strings.Count(pattern, tokenMark) != 1 || strings.Index(pattern, tokenMark) > at {
		return "", fmt.Errorf("return path must be <>, or an address with %s once before the @", tokenMark)
	}
	addr := strings.Replace(pattern, tokenMark, token, 1)
	if err := checkAddress(addr); err != nil {
		return "", fmt.Errorf("return path with a token of %d octets: %w", len(token), err)
	}
	return addr, nil
}
