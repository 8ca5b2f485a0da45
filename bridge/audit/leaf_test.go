package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

var update = flag.Bool("update", false, "write the golden files of leaves that are not there yet")

var (
	at      = time.Date(2026, 11, 5, 8, 0, 5, 120, time.FixedZone("", 7*3600))
	earlier = time.Date(2026, 11, 5, 0, 59, 58, 0, time.UTC)
	raw     = [32]byte{0: 0xab, 31: 0x01}
	content = [32]byte{0: 0xcd, 31: 0x02}
	v       = Versions{Program: "1.0.0", Knowledge: "k1", Rules: "r1", Directory: "d1"}
)

const receipt = "GL-2026-0000123"

// everyEvent has one event of every type. A type that is missing here fails TestEveryTypeHasAConstructor.
func everyEvent() []Event {
	in := Intake{Receiver: "vp-ubnd", Channel: "email", Mailbox: "vanthu", Origin: "imap:vanthu@vp.quangtri.gov.vn/INBOX/7/12", Raw: raw,
		Content: content, Size: 1234, InternalDate: earlier, FetchedAt: at}
	u := UID{Mailbox: "vanthu", Folder: 3, UIDValidity: 4000000000, UID: 17}
	d := policy.Decision{Verdict: policy.Reject, Rule: "qt-2026", PhaseFrom: "2026-11-01T00:00:00+07:00", Reasons: []string{"phase", "channel"},
		Agency: "so-tai-chinh"}
	return []Event{
		NewReceiptStored(at, receipt, in),
		NewDeliveryJoined(at, receipt, in),
		NewReceiptFailed(at, receipt, "panic", 3),
		NewRawDamaged(at, receipt, raw, "digest"),
		NewUIDFailed(at, u, "fetch"),
		NewUIDVanished(at, u, "expunged"),
		NewUIDValidityChanged(at, "vanthu", 3, 7, 8),
		NewOutcomeDecided(at, receipt, "refused", "rule", earlier, "received", d, v),
		NewRecordRegistered(at, receipt, "R1", "12/2026", "45/STC-NS"),
		NewRecordJoined(at, receipt, "R2", "R1"),
		NewRecordRefused(at, receipt, "R3", "qt-2026", "rule", "lan"),
		NewRecordHeld(at, receipt, "R4", "qt-2026", "identity"),
		NewSecretQuarantined(at, receipt, raw, "mat", "subject"),
		NewAmendmentMade(at, receipt, "lan", "amend", map[string]string{"trich_yeu": "Kế hoạch", "so_hieu": "45/STC-NS"}, "đọc sai"),
		NewNoticeQueued(at, receipt, receipt+".reject", "reject", "vanthu@stc.example.vn", content),
		NewNoticeReleased(at, receipt, receipt+".reject", "lan"),
		NewNoticeCancelled(at, receipt, receipt+".reject", "lan", "đã gọi điện"),
		NewNoticeSent(at, receipt, receipt+".reject", "250 2.0.0 ok", 1),
		NewNoticeDeferred(at, receipt, receipt+".reject", "sender-hour", at),
		NewNoticeFailed(at, receipt, receipt+".reject", "550 5.1.1 no such user", 2),
		NewNoticeBounced(at, receipt, receipt+".reject", "GL-2026-0000130", "5.1.1"),
		NewAddressSuppressed(at, "lan", "vanthu@stc.example.vn", "đã đổi hộp thư"),
		NewAddressReleased(at, "lan", "vanthu@stc.example.vn", "đã mở lại"),
		NewNoticeGathered(at, receipt, receipt+".reject", earlier),
		NewNoticeDigested(at, receipt, receipt+".reject", "DG-2026-0000001.digest"),
		NewNoticesStopped(at, 61, 60),
		NewNoticesResumed(at, "lan", "đã sửa quy tắc"),
		NewKnowledgeActivated(at, "lan", v),
		NewRulesProposed(at, "lan", strings.Repeat("a", 64), "chỉ thị mới", 3, 20),
		NewRulesActivated(at, "lan", "minh", strings.Repeat("a", 64), "chỉ thị mới", 3, 20),
		NewAlarmRaised(at, "mailbox-silent:vanthu", "mailbox-silent"),
		NewAlarmCleared(at, "mailbox-silent:vanthu"),
		NewDeliveryQueued(at, receipt, "R1.qlvb.1", "R1", "qlvb", "registered", content),
		NewDeliveryRetried(at, receipt, "R1.qlvb.1", "lan"),
		NewDeliveryCancelled(at, receipt, "R1.qlvb.1", "giaolien", "struck-out"),
		NewDeliveryHandedOver(at, receipt, "R1", "edxml", "ref-1", content),
		NewDeliveryFailed(at, receipt, "R1", "edxml", "refused", 5),
		NewSecretEntered(at, receipt, "R1", "3/2026"),
		NewBookJumped(at, "vp-ubnd", "den", 2026, 18, 21),
		NewBookClosed(at, "vp-ubnd", "den", 2025, 1204, "lan", "hết năm"),
		NewDirectionGiven(at, receipt, Line{Record: "R1", Book: "den", Number: "12/2026"}, 2, "2026-11-20", "lan",
			map[string]string{"text": "Giao Phòng Kinh tế", "author": "Chủ tịch Trần Văn Bình", "handler": "Phòng Kinh tế"}),
		NewRecordPassedOn(at, receipt, Line{Record: "R1", Book: "mat", Number: "3/2026"}, earlier, "hoa", "lan"),
		NewRecordHandled(at, receipt, Line{Record: "R1", Book: "den", Number: "12/2026"}, "77/UBND-KT", "lan"),
		NewRecordWithdrawn(at, receipt, "R1", "lan"),
		NewRelationTied(at, receipt, "R2", "recalls", "R1"),
		NewStatusTied(at, receipt, "R1", "H50.12", "03", "advanced", "document-id"),
	}
}

// TestLeafGolden: the bytes of a leaf never change. A differing file is a bug in the code, never in the file, so -update does not
// overwrite one.
func TestLeafGolden(t *testing.T) {
	for _, e := range everyEvent() {
		t.Run(string(e.Type), func(t *testing.T) {
			e, err := NewSalts(e, bytes.NewReader(bytes.Repeat([]byte("0123456789abcdef"), 8)))
			if err != nil {
				t.Fatal(err)
			}
			got := append(e.Leaf(), '\n')
			name := filepath.Join("testdata", "leaf", string(e.Type)+".json")
			want, err := os.ReadFile(name)
			if errors.Is(err, os.ErrNotExist) && *update {
				if err := os.WriteFile(name, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("leaf has changed:\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestEveryTypeHasAConstructor(t *testing.T) {
	source, err := os.ReadFile("event.go")
	if err != nil {
		t.Fatal(err)
	}
	made := map[Type]bool{}
	for _, e := range everyEvent() {
		made[e.Type] = true
	}
	declared := 0
	for line := range strings.Lines(string(source)) {
		if _, rest, ok := strings.Cut(line, ` Type = "`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			declared++
			if !made[Type(name)] {
				t.Errorf("event type %s has no constructor in this test", name)
			}
		}
	}
	if declared != len(made) {
		t.Errorf("%d types declared, %d made", declared, len(made))
	}
}

// TestLeafCanonical checks bytes that were worked out by hand from RFC 8785.
func TestLeafCanonical(t *testing.T) {
	e := Event{Type: "x", At: at, Actor: "a\"b\\c/\u2028", Facts: map[string]string{
		"\u20ac": "1", "\r": "\x01\x7f\b\f\n\t", "\U0001f600": "2", "\ufb33": "3", "e\u0302\u0301": "Tie\u0302\u0301ng",
	}}
	// U+FB33 decomposes in NFC (U+05D3 U+05BC); U+1F600 sorts by its surrogate 0xD83D, below U+FB33 but above U+20AC.
	want := `{"actor":"a\"b\\c/` + "\u2028" + `","at":"2026-11-05T01:00:05.000000120Z","facts":{"\r":"\u0001` + "\x7f" + `\b\f\n\t",` +
		"\"\u05d3\u05bc\":\"3\",\"\u1ebf\":\"Ti\u1ebfng\",\"\u20ac\":\"1\",\"\U0001f600\":\"2\"" +
		`},"receipt":"","sealed":{},"type":"x","v":1}`
	if got := string(e.Leaf()); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLeafHash(t *testing.T) {
	// RFC 6962, 2.1: the hash of the empty leaf is SHA-256 of the single byte 0x00.
	got := LeafHash(nil)
	if hex.EncodeToString(got[:]) != "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" {
		t.Errorf("hash of the empty leaf is %x", got)
	}
}

func TestSealAndErase(t *testing.T) {
	e := NewAmendmentMade(at, receipt, "lan", "amend", map[string]string{"trich_yeu": "Kế hoạch"}, "đọc sai")
	if _, err := Seal(e); err == nil {
		t.Fatal("an event without salts was sealed")
	}
	if leaf := string(e.Leaf()); !strings.Contains(leaf, `"reason":"unsalted"`) {
		t.Errorf("an unsalted value must not be hashed: %s", leaf)
	}
	e, err := NewSalts(e, bytes.NewReader([]byte("0123456789abcdefghijklmnopqrstuv")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Seal(e)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(s.Leaf), "Kế") || strings.Contains(string(s.Leaf), "đọc") {
		t.Errorf("a sealed value stands in the leaf: %s", s.Leaf)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	one := s.Erase("reason")
	if one.Sealed["reason"] != "" || one.Salts["reason"] != nil || one.Sealed["field.trich_yeu"] == "" || one.Check() != nil {
		t.Errorf("erased one: %+v", one)
	}
	all := s.Erase()
	if all.Sealed != nil || all.Salts != nil || !bytes.Equal(all.Leaf, s.Leaf) || all.Check() != nil {
		t.Errorf("erased all: %+v", all)
	}
	if len(s.Sealed) != 2 || len(s.Salts) != 2 {
		t.Error("erasing changed what it was given")
	}
	s.Sealed["reason"] = "khác"
	if s.Check() == nil {
		t.Error("a changed sealed value was not noticed")
	}
}

func TestOpenCommitment(t *testing.T) {
	salt := []byte("0123456789abcdef")
	c := commitment("to", "a@example.vn", salt)
	for _, x := range []struct {
		name, value string
		salt        []byte
		want        bool
	}{
		{"to", "a@example.vn", salt, true},
		{"to", "b@example.vn", salt, false},
		{"t", "oa@example.vn", salt, false},
		{"to", "a@example.vn", []byte("0123456789abcdeF"), false},
		{"to", "a@example.vn", nil, false},
	} {
		if got := OpenCommitment(c, x.name, x.value, x.salt); got != x.want {
			t.Errorf("OpenCommitment(%q, %q, %q) = %v", x.name, x.value, x.salt, got)
		}
	}
}

func TestNewSalts(t *testing.T) {
	e := Event{Sealed: map[string]string{"a": "1", "b": "2"}, Salts: map[string][]byte{"a": bytes.Repeat([]byte{9}, SaltSize)}}
	got, err := NewSalts(e, bytes.NewReader(bytes.Repeat([]byte{7}, SaltSize)))
	if err != nil {
		t.Fatal(err)
	}
	if got.Salts["a"][0] != 9 || got.Salts["b"][0] != 7 || e.Salts["b"] != nil {
		t.Errorf("salts %v, given event now %v", got.Salts, e.Salts)
	}
	if _, err := NewSalts(Event{Sealed: map[string]string{"a": "1"}}, iotest.ErrReader(errors.New("no random"))); err == nil {
		t.Error("an unreadable source of salts was ignored")
	}
}

func TestStamped(t *testing.T) {
	if got := (Event{}).Stamped(at).At; !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("stamped %v", got)
	}
	if got := (Event{At: earlier}).Stamped(at).At; !got.Equal(earlier) {
		t.Errorf("stamped over %v", got)
	}
}

func TestCommitmentsRefusesOtherBytes(t *testing.T) {
	for _, leaf := range []string{``, `{}`, `{"v":2}`, `{"v":1,"sealed":3}`} {
		if _, err := Commitments([]byte(leaf)); err == nil {
			t.Errorf("%q passed for a leaf", leaf)
		}
	}
}

func FuzzLeaf(f *testing.F) {
	f.Add("receipt.stored", "giaolien", "key", "value", "name", "secret")
	f.Add("\x00\"\\", "e\u0302\u0301", "\xff\xfe", "\r\n", "\u2028", "\U0001f600")
	f.Fuzz(func(t *testing.T, kind, actor, key, value, name, secret string) {
		e := Event{Type: Type(kind), At: at, Actor: actor, Facts: map[string]string{key: value}, Sealed: map[string]string{name: secret}}
		e, err := NewSalts(e, bytes.NewReader(bytes.Repeat([]byte{1}, SaltSize)))
		if err != nil {
			t.Fatal(err)
		}
		leaf := e.Leaf()
		var back struct {
			Actor, Type   string
			Facts, Sealed map[string]string
		}
		if err := json.Unmarshal(leaf, &back); err != nil {
			t.Fatalf("%q is not JSON: %v", leaf, err)
		}
		if back.Actor != normal(actor) || back.Type != normal(kind) || back.Facts[normal(key)] != normal(value) {
			t.Fatalf("%q does not say what the event said", leaf)
		}
		if !OpenCommitment(back.Sealed[normal(name)], name, secret, e.Salts[name]) {
			t.Fatalf("%q does not commit to the sealed value", leaf)
		}
		if bytes.ContainsAny(leaf, "\r\n\x00") {
			t.Fatalf("%q holds a raw control character", leaf)
		}
	})
}
