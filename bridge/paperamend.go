package bridge

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// paperFields are what only papers have, and what a clerk corrects by these names beside the fields of documents: the stamp, the seal, how many
// pages, and whether the electronic file was handed over too.
var paperFields = [...]string{"stamped_at", "seal", "pages", "electronic"}

// IsPaperField says whether a correction of this name is of a paper's form only.
func IsPaperField(name string) bool { return slices.Contains(paperFields[:], name) }

// ErrPaperField is the error of a correction that cannot be taken.
var ErrPaperField = errors.New("stamped_at is a day and hour that has passed, such as 2026-11-22T09:30; seal is red, digital or none; pages is a number; electronic is true or false")

// CheckPaperField gives the form in which the correction of a paper's form is kept.
func CheckPaperField(name, value string, now time.Time) (string, error) {
	value = strings.TrimSpace(value)
	var f PaperForm
	f.amend(map[string]string{name: value})
	switch name {
	case "stamped_at":
		at, ok := ParseStamp(value)
		if !ok || at.After(now.Add(clockDrift)) || at.In(hanoi).Year() < firstYear {
			return "", ErrPaperField
		}
		return at.Format(time.RFC3339), nil
	case "seal":
		if f.Seal == "" {
			return "", ErrPaperField
		}
	case "pages":
		if f.Pages == 0 {
			return "", ErrPaperField
		}
	default:
		if f.Electronic == nil {
			return "", ErrPaperField
		}
	}
	return value, nil
}

// amend puts a clerk's corrections into a form. What cannot be read changes nothing.
func (f *PaperForm) amend(fields map[string]string) {
	if at, ok := ParseStamp(fields["stamped_at"]); ok {
		f.StampedAt = at
	}
	if seal := fields["seal"]; seal != "" && slices.Contains(seals[:], seal) {
		f.Seal = seal
	}
	if n, err := strconv.Atoi(fields["pages"]); err == nil && n > 0 && n <= maxPages {
		f.Pages = n
	}
	if yes, err := strconv.ParseBool(fields["electronic"]); err == nil {
		f.Electronic = &yes
	}
}

// seals are what a paper may bear, empty when it was not said.
var seals = [...]string{"", "red", "digital", "none"}
