package road

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// sendersSite is a site that asks the world's name server and believes its authority; signers are lines of [identity] signers.
func sendersSite(t testing.TB, o options, w *world, signers ...string) *site {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil || runtime.GOOS != "linux" {
		cannot(t, "no pdftotext here")
	}
	s := newSite(t, o)
	if err := os.Mkdir(filepath.Join(s.dir, "ca"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.write("ca/root.pem", w.root.pem())
	s.edit("[identity]\n", fmt.Sprintf("[identity]\nresolvers = [%q]\nsigners = [%s]\n", w.names, strings.Join(signers, ", ")),
		"[reading]\nenabled = false", "[reading]\nocr = false\ntrust_folder = \"ca\"")
	return s
}

// about is what became of the mail with a text in its subject: state, reason, and how its sender was proved.
func (s *site) about(t *testing.T, subject string) string {
	t.Helper()
	id := one(t, s, "SELECT r.id FROM receipts r JOIN messages m ON m.content = r.content WHERE m.subject LIKE '%"+subject+"%'")
	var e struct {
		State, Reason string
		Outcomes      []struct {
			Outcome struct {
				Evidence struct{ Identity string }
			}
		}
	}
	if err := json.Unmarshal(s.run("explain", "--json", id), &e); err != nil || len(e.Outcomes) == 0 {
		t.Fatalf("explain %s: %v, %d outcomes", id, err, len(e.Outcomes))
	}
	return e.State + " " + e.Reason + " " + e.Outcomes[len(e.Outcomes)-1].Outcome.Evidence.Identity
}

// TestSignedSenders takes mails whose senders only signatures prove the whole way, from the mailbox to the notice: of a PDF and of the mail
// itself (S/MIME). Nobody else's signature does, nor a genuine letter that somebody sent again.
func TestSignedSenders(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send"}, "postgres": {mode: "send", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			stamp, other := w.certify("Con dấu Sở thử nghiệm", "", w.root), w.certify("Con dấu Sở khác", "", w.root)
			clerk := w.certify("Văn thư", "vanthu@"+agencyDomain(5), w.root)
			forger := newWorld(t).certify("Văn thư", "vanthu@"+agencyDomain(5), certificate{})
			s := sendersSite(t, o, w, fmt.Sprintf("%q", fmt.Sprintf("so01 %x %s", stamp.SerialNumber, stamp.Issuer)),
				fmt.Sprintf("%q", fmt.Sprintf("so02 %x %s", other.SerialNumber, other.Issuer)))
			s.write("rules.toml", strings.Replace(rulesText, "strength = \"order\"", "strength = \"order\"\nmin_identity = \"dkim\"", 1))
			at := time.Now().Add(-time.Hour)
			c := s.dial(nil)
			defer c.Close()
			page := func(number string) []byte {
				return textPDF("SỞ THỬ NGHIỆM", "Số: "+number, "Quảng Trị, ngày 03 tháng 5 năm 2026", "V/v cử cán bộ tham gia tập huấn", "Kính gửi: Ủy ban nhân dân tỉnh",
					"Thực hiện chỉ đạo của Ủy ban nhân dân tỉnh, đơn vị kính gửi văn bản kèm theo.")
			}
			put := func(i int, host, number string, body []byte) {
				s.append(c, from(i, host, letter(i, "Cong van so "+number+" ve viec tap huan", body), at), at)
			}
			pdf := func(number string, by certificate) []byte {
				return part(strings.ReplaceAll(number, "/", "_")+".pdf", w.signPDF(page(number), by))
			}
			put(1, hostOf(1), "11/S01-VP", pdf("11/S01-VP", stamp))
			put(1, hostOf(1), "12/S01-VP", pdf("12/S01-VP", other))
			put(1, stranger, "13/S01-VP", pdf("13/S01-VP", stamp))
			put(1, hostOf(1), "14/S01-VP", part("14_S01-VP.pdf", page("14/S01-VP")))
			put(5, hostOf(5), "21/S05-VP", w.smime(part("21_S05-VP.pdf", page("21/S05-VP")), clerk))
			put(5, stranger, "22/S05-VP", w.smime(part("22_S05-VP.pdf", page("22/S05-VP")), clerk))
			put(5, hostOf(5), "23/S05-VP", w.smime(part("23_S05-VP.pdf", page("23/S05-VP")), forger))
			if got := s.drain(); got.Fetched != 7 || got.Reading != 0 || got.Left != 0 {
				t.Fatalf("drained %+v", got)
			}
			for number, want := range map[string]string{"11/S01": "registered rule spf", "12/S01": "held identity-below spf", "13/S01": "held identity-below from",
				"14/S01": "held identity-below spf", "21/S05": "registered rule signature", "22/S05": "held identity-below from", "23/S05": "held identity-below spf"} {
				if got := s.about(t, number); got != want {
					t.Errorf("%s: %s, want %s", number, got, want)
				}
			}
			if got := one(t, s, "SELECT count(*) FROM notices"); got != "1" {
				t.Errorf("%s notices, want one, to the sender of the S/MIME letter: a signed file is no ground for writing to who sent it", got)
			}
			if out := string(s.run("replay", "--json")); !strings.Contains(out, `"different":0,`) {
				t.Errorf("replay says %s", out)
			}
		})
	}
}

// TestDNSOutage: while no name server answers, the daemon decides nothing that hangs on DNS, and everything else; when one does, what waited
// settles by itself, the genuine mail as genuine and the forged one as forged.
func TestDNSOutage(t *testing.T) {
	for name, o := range map[string]options{"sqlite": {mode: "send", poll: "5s"}, "postgres": {mode: "send", poll: "5s", postgres: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.silent.Store(true)
			s := sendersSite(t, o, w)
			_, stolen, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			d := s.serve()
			c := s.dial(nil)
			defer c.Close()
			at := time.Now().Add(-time.Hour)
			body := func(number string) []byte {
				return part(strings.ReplaceAll(number, "/", "_")+".pdf", textPDF("SỞ THỬ NGHIỆM", "Số: "+number, "Kính gửi: Ủy ban nhân dân tỉnh"))
			}
			s.append(c, from(1, stranger, w.signed(letter(1, "Cong van so 31/S01-VP ve viec tap huan", body("31/S01-VP")), agencyDomain(1), w.key), at), at)
			s.append(c, from(2, stranger, w.signed(letter(2, "Cong van so 32/S02-VP ve viec tap huan", body("32/S02-VP")), agencyDomain(2), stolen), at), at)
			until(t, "both wait for DNS", func() bool {
				return one(t, s, "SELECT count(*) FROM jobs WHERE last_error LIKE 'DNS did not answer%'") == "2"
			})
			vouched := fmt.Appendf(nil, "Authentication-Results: %s; dmarc=pass header.from=%s\r\n", mx, agencyDomain(3))
			s.append(c, append(vouched, from(3, stranger, letter(3, "Cong van so 33/S03-VP ve viec tap huan", body("33/S03-VP")), at)...), at)
			until(t, "a mail that our own server vouches for is not held up", func() bool { return one(t, s, "SELECT count(*) FROM receipts WHERE state = 'registered'") == "1" })
			if got := one(t, s, "SELECT count(*) FROM receipts WHERE state = 'waiting' AND outcomes = 0"); got != "2" {
				t.Errorf("%s receipts wait, want 2", got)
			}
			w.silent.Store(false)
			until(t, "what waited is settled", func() bool { return one(t, s, "SELECT count(*) FROM receipts WHERE state = 'waiting'") == "0" })
			until(t, "the genuine are answered", func() bool { return one(t, s, "SELECT count(*) FROM notices WHERE state = 'sent'") == "2" })
			d.stop()
			for number, want := range map[string]string{"31/S01": "registered rule dkim", "32/S02": "held identity-below from", "33/S03": "registered rule dmarc"} {
				if got := s.about(t, number); got != want {
					t.Errorf("%s: %s, want %s", number, got, want)
				}
			}
			w.silent.Store(true)
			if out := string(s.run("replay", "--json")); !strings.Contains(out, `"different":0,`) {
				t.Errorf("replay without any DNS says %s", out)
			}
		})
	}
}
