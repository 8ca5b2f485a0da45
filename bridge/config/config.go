// Package config reads config.toml into a checked Config: every key known, every value in range, every fault reported at once with its
// line and remedy. Rules and directory are documents of their own and only named here.
package config

import (
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/unpack"
)

// Config is everything that the administrator can set. Default says what holds where a key is absent; Read resolves relative paths against
// the folder of the file and fills in what follows from other keys (ports, paths under data, return paths).
type Config struct {
	Data      string        `toml:"data"` // folder for the SQLite database, the archive and the notice key; default "data"
	Database  Database      `toml:"database"`
	Archive   Archive       `toml:"archive"`
	Log       Log           `toml:"log"`
	HTTP      HTTP          `toml:"http"`
	Rules     RulesFile     `toml:"rules"`
	Directory DirectoryFile `toml:"directory"`
	Identity  Identity      `toml:"identity"`
	SMTP      SMTP          `toml:"smtp"`
	Notices   Notices       `toml:"notices"`
	Statuses  Statuses      `toml:"statuses"`
	Alarms    Alarms        `toml:"alarms"`
	Limits    Limits        `toml:"limits"`
	Intake    Intake        `toml:"intake"`
	Reading   Reading       `toml:"reading"`
	Register  Register      `toml:"register"`
	Agencies  []Agency      `toml:"agency"`  // receiving agencies, at least one where mail is watched
	Mailboxes []Mailbox     `toml:"mailbox"` // watched mailboxes
	Axes      []Axis        `toml:"axis"`    // accounts on document exchanges
	Targets   []Target      `toml:"target"`  // document systems that registered records are delivered to
}

// Database says where receipts and outcomes are kept.
type Database struct {
	URL string `toml:"url"` // postgres:// with sslmode, or empty: SQLite in the data folder (default)
}

// Archive says where raw messages are kept.
type Archive struct {
	Path    string `toml:"path"`    // folder; default archive under data
	Reserve Size   `toml:"reserve"` // intake pauses when less is free on its disk, in bytes; default 1GiB
}

// Log says how the program speaks on standard error.
type Log struct {
	Format LogFormat `toml:"format"` // default auto: terminal form on a terminal, else JSON
	Level  LogLevel  `toml:"level"`  // default info
}

// HTTP serves /healthz and /metrics.
type HTTP struct {
	Listen string `toml:"listen"` // host:port; empty: off; default 127.0.0.1:9469
	Public bool   `toml:"public"` // allows an address other than loopback; default false
}

// RulesFile names the cutoff rules.
type RulesFile struct {
	File      string `toml:"file"`      // what rules check and activate read; default rules.toml
	Approvals int    `toml:"approvals"` // persons that bringing a version into force takes, 1 or 2; default 1
}

// DirectoryFile names the directory of agencies.
type DirectoryFile struct {
	File string `toml:"file"` // default agencies.csv
}

// Identity says what our own mail server looks like in the header of a message, and who we are. Host names are in lower case.
type Identity struct {
	AuthservIDs []string `toml:"authserv_ids"` // names under which our mail server writes Authentication-Results; default none
	TrustedHops []string `toml:"trusted_hops"` // our own hosts, as they stand after "by" in Received; default none
	// Relays are hosts of other authorities on the way to us, by the name after "by" in their Received or the address that our server saw: mail
	// that they held up across a cutoff gets the grace of its rule. They prove nobody, and never give the counted instant; default none.
	Relays []string `toml:"relays"`
	// AboveReceived believes only results that stand above the Received field of our own server. To be set when that server does not
	// remove forged fields from incoming mail, as RFC 8601, 5 asks; default false.
	AboveReceived bool     `toml:"above_received"`
	OwnAddresses  []string `toml:"own_addresses"` // addresses that no notice may ever go to; default none
	// Verify checks DKIM signatures and SPF by ourselves where our own server said nothing of them; it asks DNS. Default true.
	Verify     bool     `toml:"verify"`
	Resolvers  []string `toml:"resolvers"`  // name servers, host:port; default none: those of the system
	Wait       Duration `toml:"wait"`       // how long mail waits for DNS before a person decides; default 15m
	Forwarders []string `toml:"forwarders"` // domains (d=) of forwarders whose seals (ARC) are believed; default none
	// Signers name the certificates that sign documents for an agency: "agency serial issuer", as giaolien inspect shows the two; default none.
	Signers []string `toml:"signers"`
}

// SMTP is the submission server that notices are handed to. Without a host nothing can be sent.
type SMTP struct {
	Host         string   `toml:"host"`          // default empty
	Port         int      `toml:"port"`          // default 0: 465 with implicit TLS, 587 with starttls, 25 without
	TLS          TLS      `toml:"tls"`           // default implicit
	CAFile       string   `toml:"ca_file"`       // PEM file of the authorities to believe; empty: those of the system (default)
	Auth         Auth     `toml:"auth"`          // default plain
	User         string   `toml:"user"`          // default empty
	PasswordFile string   `toml:"password_file"` // file that only its owner may read; default empty
	PasswordEnv  string   `toml:"password_env"`  // or the name of an environment variable; default empty
	TokenCommand []string `toml:"token_command"` // command and arguments that print an OAuth access token; default empty
	Helo         string   `toml:"helo"`          // name in EHLO; empty: localhost (default)
}

// Statuses say what the sender of a mailed document is told of what a document system reports of it; the rules of notices hold for it too.
type Statuses struct {
	Steps  []string `toml:"steps"`  // of arrived, registered, handled, refused; default none: nobody is told
	Groups []string `toml:"groups"` // groups of agencies that are told; default none: every agency
}

// Notices says whether and how the program answers.
type Notices struct {
	Mode      Mode   `toml:"mode"`       // default review
	Receipts  bool   `toml:"receipts"`   // answers accepted mail with its receipt number; default true
	Neutral   bool   `toml:"neutral"`    // answers a quarantined mail with a text that quotes nothing; default false
	Held      bool   `toml:"held"`       // tells the sender when a person decides; default false
	Slip      bool   `toml:"slip"`       // refusals carry a phiếu trả lại as PDF; default true
	Templates string `toml:"templates"`  // folder with own texts, see giaolien notices templates; default none: as shipped
	Citations string `toml:"citations"`  // file of the legal citations with their validity; default none: as shipped
	VerifyURL string `toml:"verify_url"` // page that checks a receipt, with {receipt} and {digest}; default none
	Addressee string `toml:"addressee"`  // how the addressee is spoken to; default "Quý cơ quan"
	Instead   string `toml:"instead"`    // the way to send instead, after "gửi qua"; default the system and the axis
	// InsteadOutside is the way to send instead for citizens and enterprises, after "gửi qua"; default the portal of public services, post, or in person
	InsteadOutside string   `toml:"instead_outside"`
	Exemption      string   `toml:"exemption"`       // who may go on sending by mail, after "thuộc diện"; default the exempted and those without account
	KeyFile        string   `toml:"key_file"`        // key of the tokens in Message-ID and return path; default notice.key under data
	GiveUp         Duration `toml:"give_up"`         // how long a notice is tried; default 5d
	PerSenderHour  int      `toml:"per_sender_hour"` // notices to one address in an hour, 0: no bound; default 3
	PerSenderDay   int      `toml:"per_sender_day"`  // notices to one address in a day, 0: no bound; default 10
	DigestAt       string   `toml:"digest_at"`       // when what is over per_sender_day is told at once, Vietnamese time; empty: it is put off; default "16:00"
	PerAgencyDay   int      `toml:"per_agency_day"`  // notices to one agency of the directory in a day, 0: no bound; default 50
	PerDomainHour  int      `toml:"per_domain_hour"` // notices to one mail domain in an hour, 0: no bound; default 60
	PerHour        int      `toml:"per_hour"`        // notices in an hour in all, 0: no bound; default 600
	BreakerFactor  int      `toml:"breaker_factor"`  // so many times the usual hour's notices stop all until a person resumes, 0: never; default 10
	BreakerFloor   int      `toml:"breaker_floor"`   // … but never so few in an hour; default 60
}

// Alarms says who hears that something is wrong with ourselves.
type Alarms struct {
	To          []string `toml:"to"`           // addresses of the administrators; default none: metrics and log only
	SilentAfter Duration `toml:"silent_after"` // a mailbox without proof of life for so long raises an alarm; default 10m
}

// Limits bound what reading one message may cost. Defaults are parser.DefaultLimits.
type Limits struct {
	HeaderBytes Size `toml:"header_bytes"` // of one header block, in bytes; default 256KiB
	Fields      int  `toml:"fields"`       // header fields of one block; default 1000
	Parts       int  `toml:"parts"`        // parts of one message; default 1000
	Depth       int  `toml:"depth"`        // parts within parts; default 20
	Text        int  `toml:"text"`         // characters kept of the body, and of each file; default 200000

	UnpackDepth   int  `toml:"unpack_depth"`   // archives inside archives that are opened; default 2
	UnpackEntries int  `toml:"unpack_entries"` // files listed out of all containers of one message; default 2000
	UnpackRatio   int  `toml:"unpack_ratio"`   // how many times its packed size one file may grow; default 200
	UnpackBytes   Size `toml:"unpack_bytes"`   // unpacked out of all containers of one message, slow methods counting more than once; default 500MiB
}

// Intake says how much is done at once.
type Intake struct {
	Workers int `toml:"workers"` // batches settled side by side; default 0: one for each processor
	// ScreenHeadersFirst looks at the header of a message before its body is fetched. When subject or file name bear a mark of secrecy,
	// only the header block is taken and the message stays on the server. One more round trip for each group of messages; default false.
	ScreenHeadersFirst bool `toml:"screen_headers_first"`
}

// Reading says how PDFs and pictures are read with the tools of this machine (poppler-utils, tesseract). A tool that is not installed is told
// by check and in the record, and is never a reason not to start.
type Reading struct {
	Enabled     bool     `toml:"enabled"`      // default true
	OCR         bool     `toml:"ocr"`          // reads pages without text off their picture; default true
	PagesFirst  int      `toml:"pages_first"`  // pages that are read from the beginning of a file; default 2
	PagesLast   int      `toml:"pages_last"`   // and from its end; default 1
	OCRPages    int      `toml:"ocr_pages"`    // pages of one file that are read by OCR at most; default 3
	Budget      Duration `toml:"budget"`       // for one file with all its pages; default 60s
	MaxFile     Size     `toml:"max_file"`     // larger files are not read, in bytes; default 100MiB
	Workers     int      `toml:"workers"`      // files read side by side; default 1
	TrustFolder string   `toml:"trust_folder"` // certificates of the authorities to believe signatures of; empty: none is called valid (default)
	TessData    string   `toml:"tessdata"`     // folder of tesseract's language data; empty: its own (default)
	Language    string   `toml:"language"`     // of OCR, as tesseract names it; default vie
}

// Register says by which days the register of incoming documents is kept.
type Register struct {
	Calendar string `toml:"calendar"` // CSV file of rest days and holidays; empty: the calendar that the program brings (default)
	Alarm    bool   `toml:"alarm"`    // raises an alarm for what should have been registered and waits for a person; default true
}

// Agency is a receiving agency: whose mailboxes they are, and how its notices are headed.
type Agency struct {
	ID         string   `toml:"id"`          // required; rules and mailboxes name it
	Name       string   `toml:"name"`        // required; as printed
	ParentName string   `toml:"parent_name"` // as printed above the name; default empty
	Place      string   `toml:"place"`       // place name of the letterhead; default empty
	Contact    []string `toml:"contact"`     // lines that say who helps a sender, 20 at most; default none
	From       string   `toml:"from"`        // required; address that notices come from
	FromName   string   `toml:"from_name"`   // name beside it; default: name
	Code       string   `toml:"code"`        // own code on the axis, mã định danh; targets that write edXML need it; default empty
	ReturnPath string   `toml:"return_path"` // where failures come back: address with {token}, or <>; default: from with +{token} before the @
}

// Mailbox is one watched account.
type Mailbox struct {
	Name            string    `toml:"name"`              // required; rules, log and metrics name it
	Receiver        string    `toml:"receiver"`          // required; id of its receiving agency
	Host            string    `toml:"host"`              // required; IMAP server
	Port            int       `toml:"port"`              // default 0: 993 with implicit TLS, else 143
	TLS             TLS       `toml:"tls"`               // default implicit
	CAFile          string    `toml:"ca_file"`           // PEM file of the authorities to believe; empty: those of the system (default)
	User            string    `toml:"user"`              // required
	Auth            Auth      `toml:"auth"`              // default plain
	PasswordFile    string    `toml:"password_file"`     // file that only its owner may read; default empty
	PasswordEnv     string    `toml:"password_env"`      // or the name of an environment variable; default empty
	TokenCommand    []string  `toml:"token_command"`     // command and arguments that print an OAuth access token; default empty
	Folders         []string  `toml:"folders"`           // default INBOX
	Start           time.Time `toml:"start"`             // required; older mail is recorded, never judged and never answered; a date means 00:00 +07:00
	ForceSpecialUse bool      `toml:"force_special_use"` // watches sent, draft, all, trash and junk folders too when they are named; default false
	Poll            Duration  `toml:"poll"`              // how often the folder is looked at, whether the server says so or not; default 60s
	MaxConnections  int       `toml:"max_connections"`   // to the server at a time; folders above it take turns; default 0: one for each folder
	MaxMessage      Size      `toml:"max_message"`       // larger mail waits for a person, in bytes; default 256MiB
	After           After     `toml:"after"`             // what happens on the server after commit; default none
	Flag            string    `toml:"flag"`              // keyword set with after = flag; default giaolien
	Processed       string    `toml:"processed"`         // with after = move: folder for what was registered or recorded; default empty: stays
	Refused         string    `toml:"refused"`           // … for what was refused; default empty: stays
	Quarantined     string    `toml:"quarantined"`       // … for what was quarantined; default empty: stays
}

// Default is what holds where the file says nothing, paths and ports not yet resolved.
func Default() Config {
	return Config{
		Data:      "data",
		Archive:   Archive{Reserve: 1 << 30},
		Log:       Log{Format: LogAuto, Level: LogInfo},
		HTTP:      HTTP{Listen: "127.0.0.1:9469"},
		Rules:     RulesFile{File: "rules.toml", Approvals: 1},
		Directory: DirectoryFile{File: "agencies.csv"},
		Identity: Identity{AuthservIDs: []string{}, TrustedHops: []string{}, Relays: []string{}, OwnAddresses: []string{}, Verify: true, Resolvers: []string{},
			Wait: Duration(15 * time.Minute), Forwarders: []string{}, Signers: []string{}},
		SMTP:     SMTP{TLS: Implicit, Auth: AuthPlain, TokenCommand: []string{}},
		Statuses: Statuses{Steps: []string{}, Groups: []string{}},
		Notices: Notices{
			Mode: Review, Receipts: true, GiveUp: Duration(5 * 24 * time.Hour),
			Slip: true, PerSenderHour: 3, PerSenderDay: 10, DigestAt: "16:00", PerAgencyDay: 50, PerDomainHour: 60, PerHour: 600,
			BreakerFactor: 10, BreakerFloor: 60,
		},
		Alarms: Alarms{To: []string{}, SilentAfter: Duration(10 * time.Minute)},
		Limits: Limits{
			HeaderBytes: Size(parser.DefaultLimits.HeaderBytes), Fields: parser.DefaultLimits.Fields, Parts: parser.DefaultLimits.Parts,
			Depth: parser.DefaultLimits.Depth, Text: parser.DefaultLimits.Text,
			UnpackDepth: unpack.DefaultBudget.Depth, UnpackEntries: unpack.DefaultBudget.Entries,
			UnpackRatio: int(unpack.DefaultBudget.Ratio), UnpackBytes: Size(unpack.DefaultBudget.Bytes),
		},
		Reading: Reading{
			Enabled: true, OCR: true, PagesFirst: 2, PagesLast: 1, OCRPages: 3, Budget: Duration(time.Minute), MaxFile: 100 << 20, Workers: 1,
			Language: "vie",
		},
		Register:  Register{Alarm: true},
		Agencies:  []Agency{},
		Mailboxes: []Mailbox{},
		Axes:      []Axis{},
		Targets:   []Target{},
	}
}

// DefaultAgency is what holds in an [[agency]] where it says nothing.
func DefaultAgency() Agency { return Agency{Contact: []string{}} }

// DefaultMailbox is what holds in a [[mailbox]] where it says nothing.
func DefaultMailbox() Mailbox {
	return Mailbox{
		TLS: Implicit, Auth: AuthPlain, TokenCommand: []string{}, Folders: []string{"INBOX"},
		Poll: Duration(time.Minute), MaxMessage: 256 << 20, After: AfterNone, Flag: "giaolien",
	}
}

// Parser gives the limits in the form that the parser takes.
func (l Limits) Parser() parser.Limits {
	return parser.Limits{HeaderBytes: int64(l.HeaderBytes), Fields: l.Fields, Parts: l.Parts, Depth: l.Depth, Text: l.Text,
		Unpack: unpack.Budget{Depth: l.UnpackDepth, Entries: l.UnpackEntries, Ratio: int64(l.UnpackRatio), Bytes: int64(l.UnpackBytes)}}
}

// Caps gives the bounds on notices in the form that the store takes.
func (n Notices) Caps() bridge.Caps {
	at, err := time.Parse(digestForm, n.DigestAt)
	since := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return bridge.Caps{Digests: n.DigestAt != "" && err == nil, DigestAt: since, PerSenderHour: n.PerSenderHour, PerSenderDay: n.PerSenderDay, PerAgencyDay: n.PerAgencyDay,
		PerDomainHour: n.PerDomainHour, PerHour: n.PerHour, BreakerFactor: n.BreakerFactor, BreakerFloor: n.BreakerFloor}
}
