package main

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
)

// answers are what a responder of this sort says to a notice, at once.
func (r *ring) answers(i int, n posted) []mailed {
	subject := fmt.Sprintf("Trả lời tự nhiên số %d", r.sent)
	plain := mailed{from: responder(i), subject: subject}
	header, err := mail.ReadMessage(bytes.NewReader(n.raw))
	must(r.t, err)
	id := header.Header.Get("Message-Id")
	switch i % 8 {
	case 1: // as a mail program answers
		plain.fields = []string{"In-Reply-To: " + id, "References: " + id}
	case 2: // with its own document, the same every time
		plain.files = []enclosed{ownDocument(i, 1)}
	case 3: // with what came
		plain.files = filesOf(r.t, n.raw)
	case 4: // with the whole notice
		plain.files = []enclosed{{"thong-bao.eml", "message/rfc822", n.raw}}
	case 5: // by the next one of the ring
		plain.from = responder(i + 8)
	case 6: // everything at once
		with, what := plain, plain
		with.files, what.files = []enclosed{ownDocument(i, 1)}, filesOf(r.t, n.raw)
		return []mailed{plain, with, what}
	case 7: // to where failures are reported
		token := strings.Trim(id, "<>")
		plain.to = "vanthu+" + token[:strings.LastIndexByte(token, '@')] + "@quangtri.example.vn"
	}
	return []mailed{plain}
}

// whose finds the responder of an address.
func whose(t *testing.T, address string) int {
	for i := range responders {
		if responder(i) == address {
			return i
		}
	}
	t.Fatalf("a notice went to %s", address)
	return -1
}

// Twenty programs answer every mail that they get at once, over four days; six of them also write by themselves every hour, bare or with a
// document that we know. None of them gets more than one notice in any twenty-four hours.
func TestRingOfResponders(t *testing.T) {
	inRing(t, ringRules, func(t *testing.T, r *ring) {
		for i := range responders {
			m := mailed{from: responder(i), subject: "Gửi văn bản"}
			if i%2 == 0 {
				m.files = []enclosed{ownDocument(i, 1)}
			}
			r.send(m)
		}
		begin := time.Now()
		for time.Since(begin) < 4*24*time.Hour {
			for turn := 0; ; turn++ {
				got := r.round()
				if len(got) == 0 {
					break
				}
				if turn > 20 {
					t.Fatal("they never come to an end")
				}
				for _, n := range got {
					r.send(r.answers(whose(t, n.to), n)...)
				}
			}
			time.Sleep(time.Hour)
			for i := range 6 {
				m := mailed{from: responder(i), subject: fmt.Sprintf("Thư thứ %d", r.sent)}
				if i%2 == 0 {
					m.files = []enclosed{ownDocument(i, 1)}
				}
				r.send(m)
			}
		}
		again := 0
		for to, at := range r.heard {
			for k := 1; k < len(at); k++ {
				if gap := at[k].Sub(at[k-1]); gap < 24*time.Hour {
					t.Errorf("%s got two notices within %s", to, gap)
				}
			}
			if len(at) > 1 {
				again++
			}
		}
		if len(r.heard) != responders || again < 6 {
			t.Errorf("%d heard anything and %d heard again on another day: the test shows nothing", len(r.heard), again)
		}
		t.Logf("%d mails from %d responders in 4 days", r.sent, responders)
	})
}

// What real agencies do is answered: eight documents of a day, a corrected document in reply to a refusal, and the same mail of a person only
// once.
func TestRingOfPeople(t *testing.T) {
	inRing(t, ringRules, func(t *testing.T, r *ring) {
		notices := 0
		for number := range 8 {
			r.send(mailed{from: responder(2), subject: fmt.Sprintf("Công văn số %d/CQ02-VP về việc báo cáo", number+1), files: []enclosed{ownDocument(2, number+1)}})
			notices += len(r.round())
			time.Sleep(time.Hour)
		}
		if notices != 8 {
			t.Errorf("eight documents were answered by %d notices", notices)
		}
		clerk := responder(0)
		r.send(mailed{from: clerk, subject: "Công văn số 1/CQ00-VP về việc báo cáo", files: []enclosed{ownDocument(0, 1)}})
		got := r.round()
		if len(got) != 1 {
			t.Fatalf("a refusal makes %d notices", len(got))
		}
		header, err := mail.ReadMessage(bytes.NewReader(got[0].raw))
		must(t, err)
		thread := []string{"In-Reply-To: " + header.Header.Get("Message-Id")}
		corrected := enclosed{"1_CQ00-VP.pdf", "application/pdf", []byte("%PDF-1.4\n% So: 1/CQ00-VP, ban sua\n%%EOF\n")}
		r.send(mailed{from: clerk, subject: "Re: Từ chối", fields: thread, files: []enclosed{corrected}})
		if got = r.round(); len(got) != 1 {
			t.Errorf("the corrected document was answered by %d notices", len(got))
		}
		r.send(mailed{from: clerk, subject: "Re: Từ chối", fields: thread}, mailed{from: clerk, subject: "Gửi lại", files: []enclosed{corrected}})
		if got = r.round(); len(got) != 0 {
			t.Errorf("a word without a document, and the same document again, were answered by %d notices", len(got))
		}
		open, err := r.app.store.ListOpen(t.Context(), store.OpenFilter{})
		must(t, err)
		reasons := map[string]bool{}
		for _, o := range open {
			reasons[o.Reason] = true
		}
		if !reasons[bridge.ReasonAnswersNotice] || !reasons[bridge.ReasonNothingNew] {
			t.Errorf("what is not told waits for a person with its reason; there are %v", reasons)
		}
	})
}

// Fourteen refusals of a day: ten letters, three an hour, and at 16:00 one that says the other four, each with its ground.
func TestDigestOfTheDay(t *testing.T) {
	inRing(t, ringRules, func(t *testing.T, r *ring) {
		for number := range 14 {
			r.send(mailed{from: responder(0), subject: fmt.Sprintf("Công văn số %d/CQ00-VP về việc báo cáo quý %d", number+1, number+1), files: []enclosed{ownDocument(0, number+1)}})
		}
		var letters []posted
		for time.Now().In(vietnam).Day() == 23 {
			letters = append(letters, r.round()...)
			time.Sleep(10 * time.Minute)
		}
		if len(letters) != 11 {
			t.Fatalf("%d letters went out, want ten and a digest", len(letters))
		}
		digest, err := mail.ReadMessage(bytes.NewReader(letters[10].raw))
		must(t, err)
		if at := r.heard[responder(0)][10].In(vietnam); at.Hour() != 16 || !strings.Contains(digest.Header.Get("Message-Id"), ".digest.") {
			t.Errorf("the last letter %s went at %s", digest.Header.Get("Message-Id"), at)
		}
		if digest.Header.Get("Auto-Submitted") != "auto-generated" || digest.Header.Get("In-Reply-To") != "" {
			t.Errorf("the digest's fields are %v", digest.Header)
		}
		said := map[string]int{}
		for _, l := range letters {
			text := letterText(t, l.raw)
			for number := range 14 {
				if strings.Contains(text, fmt.Sprintf("Số, ký hiệu văn bản: %d/CQ00-VP\n", number+1)) && strings.Contains(text, "Công văn thử nghiệm") {
					said[fmt.Sprint(number+1)]++
				}
			}
		}
		for number := range 14 {
			if said[fmt.Sprint(number+1)] != 1 {
				t.Errorf("the refusal of document %d was told %d times", number+1, said[fmt.Sprint(number+1)])
			}
		}
		counts, err := r.app.store.Counts(t.Context())
		must(t, err)
		if counts.Notices["sent"] != 11 || counts.Notices["digested"] != 4 || counts.Receipts[bridge.Refused] != 14 {
			t.Errorf("counts are %v and %v", counts.Notices, counts.Receipts)
		}
	})
}
