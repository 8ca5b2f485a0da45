package bridge

import "github.com/giaolien/giaolien/bridge/policy"

// Evidence is what only the outside can tell about a receipt, with the tool and version that told it. It is stored with the outcome, so
// that a replay uses what was found then.
type Evidence struct {
	Identity    policy.Identity `json:"identity"`
	IdentityBy  string          `json:"identity_by"` // e.g. "authentication-results mx.example dmarc=pass"
	Tool        string          `json:"tool"`        // name and version of the gatherer
	OwnNotice   string          `json:"own_notice"`  // id of the notice of ours that this message bounces or answers, token verified
	OwnMail     bool            `json:"own_mail"`    // the message is itself one of our notices come back (token verified)
	Unavailable []string        `json:"unavailable"` // evidence that could not be had, e.g. "authserv-id not configured"
}
