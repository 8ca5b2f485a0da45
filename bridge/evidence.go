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
	// Proofs are what was looked for beside the word of our own mail server, in order, whether it counts or not, and Records the answers of
	// DNS that they rest on: a replay needs no DNS.
	Proofs  []Proof     `json:"proofs,omitempty"`
	Records []DNSRecord `json:"records,omitempty"`
	// Pending says that DNS did not answer what might prove more. It is neither a yes nor a no: the receipt is looked at again, and in the
	// end a person decides.
	Pending bool `json:"pending,omitempty"`
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

// Proof is one thing that was looked at for who sent a message.
type Proof struct {
	Method string          `json:"method"` // dkim, spf, dmarc, arc, smime
	Result string          `json:"result"` // pass, fail, none, unknown
	Domain string          `json:"domain"` // whose it is: the signer, the envelope's domain, the forwarder
	Level  policy.Identity `json:"level"`  // what it proves of From; empty: nothing
	Reason string          `json:"reason"` // stable code of why it proves nothing, or of what was found
}

// DNSRecord is an answer of DNS. Text is empty where there is no such record.
type DNSRecord struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // TXT, MX, A, PTR
	Text string `json:"text"`
}
