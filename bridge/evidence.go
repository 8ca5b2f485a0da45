package bridge

import (
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
)

// Evidence is what only the outside can tell about a receipt, with the tool and version that told it. It is stored with the outcome, so
// that a replay uses what was found then.
type Evidence struct {
	Identity    policy.Identity `json:"identity"`
	IdentityBy  string          `json:"identity_by"` // e.g. "authentication-results mx.example dmarc=pass"
	Tool        string          `json:"tool"`        // name and version of the gatherer
	OwnNotice   string          `json:"own_notice"`  // id of the notice of ours that this message bounces or answers, token verified
	OwnMail     bool            `json:"own_mail"`    // the message is itself one of our notices come back (token verified)
	Unavailable []string        `json:"unavailable"` // evidence that could not be had, e.g. "authserv-id not configured"
	// Files are what tools found in the files of the message, by SHA-256. They are not stored with the outcome but by themselves; Readings
	// names them, in rising order of the digests.
	Files    map[string]mapping.FileEvidence `json:"-"`
	Readings []Reading                       `json:"readings"`
}

// Reading names one FileEvidence: the file and what read it.
type Reading struct {
	SHA256 string `json:"sha256"`
	Reader string `json:"reader"`
}
