package bridge

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// Knowledge is every setting that can change an outcome, immutable, under one hash. A new rules file or directory makes a new Knowledge;
// receipts in work keep the one that they began with.
type Knowledge struct {
	Rules     *policy.Rules
	Directory *directory.Directory
	Settings  Settings

	hash     string
	settings []byte
	receiver map[string]Receiver
	texts    *notice.Texts
}

// Settings is the part of the configuration that can change an outcome. It is stored as JSON under its digest, for replays.
type Settings struct {
	Program      string        `json:"program"` // version of the program
	Receivers    []Receiver    `json:"receivers"`
	TrustedHops  []string      `json:"trusted_hops"`
	Relays       []string      `json:"relays,omitempty"` // hosts of others, whose delays a rule's grace covers
	AuthservIDs  []string      `json:"authserv_ids"`
	OwnAddresses []string      `json:"own_addresses"`
	Signers      []Signer      `json:"signers,omitempty"` // certificates that sign documents for agencies
	Limits       parser.Limits `json:"limits"`
	Mode         notice.Mode   `json:"mode"`
	Receipts     bool          `json:"receipts"`
	Neutral      bool          `json:"neutral"`
	Held         bool          `json:"held"`
	Slip         bool          `json:"slip"`
	// Letters are the words of notices, where they are not as shipped.
	Letters notice.Letters `json:"letters"`
	// Reading says that tools read the files of messages here: outcomes wait for what they find, where it may decide.
	Reading bool `json:"reading"`
	// Statuses say what senders are told of documents that they mailed.
	Statuses StatusSettings `json:"statuses"`
	KeyID    string         `json:"key_id"` // of the notice key; the key itself is never stored
}

// NewKnowledge binds rules, directory and settings under one hash.
func NewKnowledge(rules *policy.Rules, dir *directory.Directory, s Settings) (*Knowledge, error) {
	body, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w", err)
	}
	texts, err := s.Letters.Compile()
	if err != nil {
		return nil, fmt.Errorf("texts of notices: %w", err)
	}
	k := &Knowledge{Rules: rules, Directory: dir, Settings: s, settings: body, texts: texts, receiver: make(map[string]Receiver, len(s.Receivers))}
	for _, r := range s.Receivers {
		k.receiver[r.ID] = r
	}
	sum := sha256.Sum256([]byte(rules.Version() + "\n" + dir.Version() + "\n" + k.SettingsVersion() + "\n"))
	k.hash = hex.EncodeToString(sum[:])
	return k, nil
}

// Hash names this knowledge in every outcome made with it.
func (k *Knowledge) Hash() string { return k.hash }

// SettingsBody is the stored form of the settings; SettingsVersion is its SHA-256.
func (k *Knowledge) SettingsBody() []byte { return k.settings }

// SettingsVersion is the SHA-256 of SettingsBody, hexadecimal.
func (k *Knowledge) SettingsVersion() string {
	sum := sha256.Sum256(k.settings)
	return hex.EncodeToString(sum[:])
}

// Receiver gives the receiving agency of an id; an unknown id gives one that can only be recorded for.
func (k *Knowledge) Receiver(id string) Receiver {
	if r, ok := k.receiver[id]; ok {
		return r
	}
	return Receiver{ID: id, Name: id}
}

// Versions names what outcomes made now are made with.
func (k *Knowledge) Versions() Versions {
	return Versions{Program: k.Settings.Program, Knowledge: k.hash, Rules: k.Rules.Version(), Directory: k.Directory.Version(), Settings: k.SettingsVersion()}
}

// Digest writes a digest with the letterhead and the texts of this knowledge.
func (k *Knowledge) Digest(g notice.Gathered) (*notice.Draft, int) {
	return notice.ComposeDigest(notice.Letterhead(k.Receiver(g.Receiver)), k.texts, g)
}
