package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/audit"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// knowledgeHolder hands out the active knowledge, and swaps it whole when rules or directory are read anew.
type knowledgeHolder struct {
	config config.Config
	keyID  string
	store  *store.Store // has the activated rules; nil: the rules are those of their file
	reads  bool         // tools of this process read files
	now    atomic.Pointer[loaded]

	swapping sync.Mutex // held while now is changed and recorded
}

// loaded is knowledge with the bodies that it was read from.
type loaded struct {
	knowledge        *bridge.Knowledge
	rules, directory []byte
	letters          notice.Letters
	origin           string // of the rules, for their faults
	first            bool   // no rules were ever activated: these are, with the first save
}

// loadKnowledge reads the activated rules out of the store, or the file where there is no store or nothing was activated yet, and the
// directory.
func loadKnowledge(ctx context.Context, cfg config.Config, keyID string, s *store.Store, warn io.Writer) (*knowledgeHolder, error) {
	h := &knowledgeHolder{config: cfg, keyID: keyID, store: s}
	return h, h.reload(ctx, warn)
}

func (h *knowledgeHolder) active() *bridge.Knowledge { return h.now.Load().knowledge }

// reload reads rules and directory anew; what is broken changes nothing.
func (h *knowledgeHolder) reload(ctx context.Context, warn io.Writer) error {
	var errs []error
	l := &loaded{}
	err := h.findRules(ctx, l)
	if err != nil {
		errs = append(errs, err)
	}
	if l.directory, err = os.ReadFile(h.config.Directory.File); err != nil {
		errs = append(errs, fmt.Errorf("read directory: %w", err))
	}
	if l.letters, err = readLetters(h.config.Notices); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if l.knowledge, err = parseKnowledge(h.config, l, h.keyID, warn); err != nil {
		return err
	}
	return h.take(l)
}

// findRules takes the activated version of the rules. Before there is one, the file is what is going to be activated.
func (h *knowledgeHolder) findRules(ctx context.Context, l *loaded) (err error) {
	if h.store != nil {
		active, known, err := h.store.RulesIn(ctx, store.RulesActive)
		if err != nil {
			return err
		}
		if known {
			l.origin = "rules " + short(active.Rules)
			l.rules, err = h.store.Version(ctx, active.Rules)
			return err
		}
	}
	l.origin, l.first = h.config.Rules.File, true
	if l.rules, err = os.ReadFile(h.config.Rules.File); err != nil {
		return fmt.Errorf("read rules: %w", err)
	}
	return nil
}

// swap lets read put other knowledge in place, when it says so, and records it; what is not on record decides nothing. One at a time: rules
// and directory may change at once.
func (h *knowledgeHolder) swap(ctx context.Context, s *store.Store, read func() (bool, error)) (bool, error) {
	h.swapping.Lock()
	defer h.swapping.Unlock()
	before := h.now.Load()
	changed, err := read()
	if err == nil && changed {
		err = h.save(ctx, s)
	}
	if err != nil {
		h.now.Store(before)
	}
	return changed && err == nil, err
}

// follow takes over rules that were activated since, with the directory as it is. It says whether there were any.
func (h *knowledgeHolder) follow(ctx context.Context, warn io.Writer) (bool, error) {
	active, known, err := h.store.RulesIn(ctx, store.RulesActive)
	now := h.now.Load()
	if err != nil || !known || active.Rules == now.knowledge.Rules.Version() {
		return false, err
	}
	l := &loaded{directory: now.directory, letters: now.letters}
	if err := h.findRules(ctx, l); err != nil {
		return false, err
	}
	if l.knowledge, err = parseKnowledge(h.config, l, h.keyID, warn); err != nil {
		return false, err
	}
	return true, h.take(l)
}

// take makes what was loaded the active knowledge.
func (h *knowledgeHolder) take(l *loaded) error {
	s := l.knowledge.Settings
	s.Reading = h.reads
	k, err := bridge.NewKnowledge(l.knowledge.Rules, l.knowledge.Directory, s)
	if err != nil {
		return err
	}
	h.now.Store(&loaded{knowledge: k, rules: l.rules, directory: l.directory, letters: l.letters, origin: l.origin, first: l.first})
	return nil
}

// read lets outcomes wait for what tools find in files. It is said once, before work begins.
func (h *knowledgeHolder) read() error {
	h.reads = true
	return h.take(h.now.Load())
}

// parseKnowledge checks rules and directory; what is merely doubtful goes to warn.
func parseKnowledge(cfg config.Config, l *loaded, keyID string, warn io.Writer) (*bridge.Knowledge, error) {
	rules, warnings, rulesErr := policy.ReadRules(l.origin, l.rules)
	printWarnings(warn, warnings)
	dir, warnings, dirErr := directory.Read(cfg.Directory.File, l.directory)
	printWarnings(warn, warnings)
	if err := errors.Join(rulesErr, dirErr); err != nil {
		return nil, err
	}
	printWarnings(warn, rules.Warnings(time.Now(), dir))
	if all := rules.RefusesEveryone(); l.first && len(all) > 0 { // nobody was asked: the first version is activated by the first start
		fmt.Fprintf(warn, "warning: %s: rule %s refuses every sender and every document, and the first start brings it into force\n", l.origin, strings.Join(all, ", "))
	}
	s := bridge.Settings{Program: version, TrustedHops: lower(cfg.Identity.TrustedHops), Relays: lower(cfg.Identity.Relays), AuthservIDs: cfg.Identity.AuthservIDs,
		OwnAddresses: ownAddresses(cfg), Limits: cfg.Limits.Parser(), Mode: notice.Mode(cfg.Notices.Mode),
		Letters: l.letters, Receipts: cfg.Notices.Receipts, Neutral: cfg.Notices.Neutral, Held: cfg.Notices.Held, Slip: cfg.Notices.Slip, KeyID: keyID,
		Statuses: bridge.StatusSettings{Steps: cfg.Statuses.Steps, Groups: cfg.Statuses.Groups, Codes: codesOf(cfg.Agencies)}}
	for _, line := range cfg.Identity.Signers {
		signer, err := bridge.ReadSigner(line)
		if err != nil {
			return nil, fmt.Errorf("identity.signers: %q %w", line, err)
		}
		s.Signers = append(s.Signers, signer)
	}
	for _, g := range cfg.Agencies {
		s.Receivers = append(s.Receivers, receiverOf(g))
	}
	return bridge.NewKnowledge(rules, dir, s)
}

// codesOf are the codes of the receiving agencies on the axis.
func codesOf(agencies []config.Agency) map[string]string {
	codes := map[string]string{}
	for _, g := range agencies {
		if g.Code != "" {
			codes[g.ID] = g.Code
		}
	}
	return codes
}

// receiverOf is how notices of a receiving agency are headed.
func receiverOf(g config.Agency) bridge.Receiver {
	return bridge.Receiver{ID: g.ID, Name: g.Name, ParentName: g.ParentName, Place: g.Place, Contact: g.Contact, From: g.From, FromName: g.FromName,
		ReturnPath: g.ReturnPath}
}

// ownAddresses are all addresses that are ourselves: named ones, senders of notices, and accounts that are addresses.
func ownAddresses(cfg config.Config) []string {
	list := slices.Clone(cfg.Identity.OwnAddresses)
	for _, g := range cfg.Agencies {
		list = append(list, g.From)
	}
	for _, m := range cfg.Mailboxes {
		if strings.Contains(m.User, "@") {
			list = append(list, m.User)
		}
	}
	list = lower(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// receivers makes the configured agencies known to the database.
func (h *knowledgeHolder) receivers(ctx context.Context, s *store.Store) error {
	list := make([]store.ReceivingAgency, len(h.config.Agencies))
	for i, g := range h.config.Agencies {
		list[i] = store.ReceivingAgency{ID: g.ID, Name: g.Name}
	}
	return s.PutReceivers(ctx, list)
}

// save keeps the three versions beside the outcomes that will name them, so that a replay can use them, and notes their activation.
func (h *knowledgeHolder) save(ctx context.Context, s *store.Store) error {
	l := h.now.Load()
	v := l.knowledge.Versions()
	if err := h.receivers(ctx, s); err != nil {
		return err
	}
	if l.first {
		if err := activateFirst(ctx, s, l); err != nil {
			return err
		}
	}
	for _, t := range []struct {
		kind store.VersionKind
		sum  string
		body []byte
	}{{store.RulesVersion, v.Rules, l.rules}, {store.DirectoryVersion, v.Directory, l.directory}, {store.SettingsVersion, v.Settings, l.knowledge.SettingsBody()}} {
		if err := s.PutVersion(ctx, t.kind, t.sum, t.body); err != nil {
			return err
		}
	}
	return s.ActivateKnowledge(ctx, "", v)
}

// activateFirst makes the rules of the file the first active version, unless they refuse everyone: that is asked about, and nobody is here to
// answer. Of two that start at once one comes first; where the other read
// another text, it starts again with what is active.
func activateFirst(ctx context.Context, s *store.Store, l *loaded) error {
	r := l.knowledge.Rules
	if all := r.RefusesEveryone(); len(all) > 0 {
		return fmt.Errorf("%s is not activated: rule %s refuses every sender and every document; if that is meant: giaolien rules activate --reason … --yes", l.origin, strings.Join(all, ", "))
	}
	err := s.ChangeRules(ctx, store.RulesChange{Rules: r.Version(), Title: r.Title(), By: audit.Program, Reason: "first version"}, l.rules, "", false)
	if !errors.Is(err, store.ErrRulesOvertook) {
		return err
	}
	active, _, readErr := s.RulesIn(ctx, store.RulesActive)
	if readErr == nil && active.Rules == r.Version() {
		return nil
	}
	return errors.Join(fmt.Errorf("activate the first rules: %w; start again", err), readErr)
}

// readKeys reads the keys of notice tokens, and makes a first one when there is no file.
func readKeys(file string) ([]notice.Key, error) {
	keys, err := findKeys(file)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	if err := makeKey(file); err != nil {
		return nil, fmt.Errorf("make notice key: %w", err)
	}
	return findKeys(file)
}

// findKeys reads the keys of notice tokens, newest first: one per line, hexadecimal, at least 16 bytes. A missing file is fs.ErrNotExist.
func findKeys(file string) ([]notice.Key, error) {
	noKey := fmt.Errorf("%s: holds no key; restore it from a backup, or delete the file and a new key is made", file)
	if info, err := os.Stat(file); err == nil && info.Size() == 0 {
		return nil, noKey
	}
	text, err := readSecret(file, "")
	if err != nil {
		return nil, fmt.Errorf("read notice key: %w", err)
	}
	var keys []notice.Key
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		secret, err := hex.DecodeString(line)
		if err != nil || len(secret) < 16 {
			return nil, fmt.Errorf("%s:%d: a notice key is at least 32 hexadecimal digits; delete the line, or restore it from a backup", file, n)
		}
		keys = append(keys, noticeKey(secret))
	}
	if len(keys) == 0 {
		return nil, noKey
	}
	return keys, nil
}

// makeKey writes a new key file, whole or not at all. Of two daemons that start at once, one's key gets the name, and both read that.
func makeKey(file string) error {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails (crypto/rand)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintln(f, hex.EncodeToString(secret))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), file); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// noticeKey names a key by the beginning of its digest, so that outcomes can say which one was in use without saying what it is.
func noticeKey(secret []byte) notice.Key {
	sum := sha256.Sum256(secret)
	return notice.Key{ID: hex.EncodeToString(sum[:4]), Secret: secret}
}

// readSecret reads a secret from a file or an environment variable.
func readSecret(file, env string) (string, error) { return config.ReadSecret(file, env, os.Getenv) }
