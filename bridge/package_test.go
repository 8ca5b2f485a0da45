package bridge

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser"
)

// pack is an edXML package in the making.
type pack struct {
	organ, name, id, number, notation, day, kind, subject string
	change                                                string // Bussiness
	files                                                 map[string][]byte
	status                                                string // of a status: its code
	about                                                 string // … and what it answers
}

func (p pack) raw() []byte {
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><edXMLEnvelope><edXMLHeader><MessageHeader>`)
	fmt.Fprintf(&b, `<From><OrganId>%s</OrganId><OrganName>%s</OrganName></From>`, or(p.organ, "H50.01"), or(p.name, "Sở Nội vụ"))
	if p.status != "" {
		fmt.Fprintf(&b, `%s<StatusCode>%s</StatusCode><Description>văn thư - đã tiếp nhận</Description><Timestamp>2026/04/20 10:00:00</Timestamp></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>`, p.about, p.status)
		return []byte(b.String())
	}
	fmt.Fprintf(&b, `<To><OrganId>H50.02</OrganId><OrganName>Văn phòng</OrganName></To><DocumentId>%s</DocumentId><Code><CodeNumber>%s</CodeNumber><CodeNotation>%s</CodeNotation></Code>`,
		or(p.id, "id-1"), or(p.number, "12"), or(p.notation, "SNV-VP"))
	fmt.Fprintf(&b, `<PromulgationInfo><Place>Quảng Trị</Place><PromulgationDate>%s</PromulgationDate></PromulgationInfo><DocumentType><Type>2</Type><TypeName>%s</TypeName></DocumentType><Subject>%s</Subject></MessageHeader>`,
		or(p.day, "2026-03-02"), or(p.kind, "Công văn"), or(p.subject, "V/v cử cán bộ tham gia đoàn công tác"))
	if p.change != "" {
		fmt.Fprintf(&b, `<TraceHeaderList><Bussiness>%s</Bussiness></TraceHeaderList>`, p.change)
	}
	b.WriteString(`</edXMLHeader></edXMLEnvelope><AttachmentEncoded>`)
	if p.files == nil {
		p.files = map[string][]byte{"12_SNV-VP.pdf": []byte("%PDF-1.4 nội dung tệp")}
	}
	for name, content := range p.files {
		fmt.Fprintf(&b, `<Attachment><ContentId>%s</ContentId><AttachmentName>%s</AttachmentName><ContentTransferEncoded>%s</ContentTransferEncoded></Attachment>`,
			name, name, base64.StdEncoding.EncodeToString(content))
	}
	b.WriteString(`</AttachmentEncoded></edXML>`)
	return []byte(b.String())
}

func overAxis(r *Receipt) { r.Channel, r.Mailbox = System, "truc" }

func wrappedFile(t *testing.T, name string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("364a2a96-a3c2-4c8f-afff-205a3dad1bf1" + name[strings.LastIndexByte(name, '.'):])
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What comes over the axis is a record like any other: registered when the rules let it, without a demand on mail, and nobody is written to.
func TestPackageIsRegistered(t *testing.T) {
	k := testKnowledge(t, nil)
	o := settle(t, pack{}.raw(), cutoff, Evidence{}, History{}, k, overAxis)
	if o.State != Registered || o.Silence != notice.SilentAxis || o.Notice != nil || len(o.Wanted) != 0 || len(o.Records) != 1 {
		t.Fatalf("%s (%s), silence %s, %+v", o.State, o.Reason, o.Silence, o.Findings)
	}
	r := o.Records[0]
	if r.Document.SoHieu != "12/SNV-VP" || r.Document.Ngay != "2026-03-02" || r.Sender.Agency != "snv" || r.Sender.How != directory.ByCode || r.Issuer.Agency != "snv" ||
		r.Key != "12|snv-vp|snv|2026" || r.CodeKey != "edxml|H50.01|id-1" || len(r.Files) != 1 || r.Files[0].Type != "application/pdf" {
		t.Errorf("%+v", r.Record)
	}
	if o.Facts.Subject == "" || o.Facts.From != "H50.01" || o.Facts.Files != 1 {
		t.Errorf("facts %+v", o.Facts)
	}
	if !same(t, o, settle(t, pack{}.raw(), cutoff, Evidence{}, History{}, k, overAxis)) {
		t.Error("the same package gave another outcome")
	}
}

// The file of a package is the file of the mail, also where a builder has put a ZIP around it.
func TestPackageAndMailAreOneDocument(t *testing.T) {
	k := testKnowledge(t, nil)
	at := cutoff.Add(-time.Second)
	content := []byte("%PDF-1.4 nội dung tệp")
	mail := settle(t, letter{subject: subject, received: at}.raw(), at, Evidence{Identity: policy.IdentityDMARC}, History{}, k, nil).Records[0]
	for name, file := range map[string][]byte{"raw": content, "wrapped": wrappedFile(t, "a.pdf", content)} {
		raw := pack{day: "2026-03-02", files: map[string][]byte{"12_SNV-VP.pdf": file}}.raw()
		first := settle(t, raw, at, Evidence{}, History{}, k, overAxis).Records[0]
		if first.Files[0].Digest != mail.Files[0].Digest || first.Key != mail.Key {
			t.Errorf("%s: files %s and %s, keys %s and %s", name, first.Files[0].Digest, mail.Files[0].Digest, first.Key, mail.Key)
		}
		stands := History{Registered: map[string]Standing{mail.Key: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Files: []string{mail.Files[0].Digest}, Channels: []Channel{Email}}}}
		if o := settle(t, raw, at, Evidence{}, stands, k, overAxis); o.State != Duplicate || o.Records[0].JoinKey != mail.Key || o.Silence != notice.SilentAxis {
			t.Errorf("%s: after the mail: %s (%s), %s", name, o.State, o.Reason, o.Silence)
		}
	}
}

func TestPackagesThatWait(t *testing.T) {
	k := testKnowledge(t, nil)
	good := string(pack{}.raw())
	for _, c := range []struct {
		name   string
		raw    []byte
		state  State
		reason string
		doubt  string
		code   string // of a finding
	}{
		{name: "an unknown code", raw: pack{organ: "H99.77", name: "Sở Lạ"}.raw(), state: Held, reason: ReasonIncomplete, doubt: mapping.DoubtUnknownAgency},
		{name: "an unknown type", raw: pack{kind: "Phiếu lạ"}.raw(), state: Registered, doubt: mapping.DoubtUnknownType},
		{name: "cut off", raw: []byte(good[:len(good)/2]), state: Held, reason: ReasonPackage, code: "edxml-not-well-formed"},
		{name: "a web page", raw: []byte("<html><body>502 Bad Gateway</body></html>"), state: Held, reason: ReasonPackage, code: "edxml-not-edxml"},
		{name: "nothing", raw: nil, state: Held, reason: ReasonPackage, code: "edxml-empty"},
		{name: "a document type declared", raw: []byte(`<!DOCTYPE a [<!ENTITY b "c">]>` + good), state: Held, reason: ReasonPackage, code: "edxml-doctype"},
		{name: "a destroyed file", raw: pack{files: map[string][]byte{"a.pdf": []byte("%PDF-1.4\n%\ufffd\ufffd")}}.raw(), state: Held, reason: ReasonUnreadFile, code: "edxml-file-damaged"},
		{name: "no file", raw: pack{files: map[string][]byte{}}.raw(), state: Held, reason: ReasonIncomplete},
		{name: "a mark of secrecy", raw: pack{subject: "TỐI MẬT - Kế hoạch Sao Băng"}.raw(), state: Quarantined, reason: ReasonSecret},
		{name: "a mark in a file's name", raw: pack{files: map[string][]byte{"12_SNV-VP (MẬT).pdf": []byte("%PDF-1.4")}}.raw(), state: Quarantined, reason: ReasonSecret},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := settle(t, c.raw, cutoff, Evidence{}, History{}, k, overAxis)
			if o.State != c.state || c.reason != "" && o.Reason != c.reason || o.Notice != nil && o.Notice.Kind != "" {
				t.Errorf("%s (%s) %+v", o.State, o.Reason, o.Findings)
			}
			if c.doubt != "" && (len(o.Records) != 1 || !slices.Contains(o.Records[0].Doubts, c.doubt)) {
				t.Errorf("records %+v", o.Records)
			}
			if c.code != "" && !slices.ContainsFunc(o.Findings, func(f parser.Finding) bool { return f.Code == c.code }) {
				t.Errorf("findings %+v", o.Findings)
			}
			if o.State == Quarantined && (o.Facts != Facts{} || o.Records[0].Document.TrichYeu+o.Records[0].Files[0].Name+o.Records[0].Key+o.Records[0].CodeKey != "") {
				t.Errorf("of a secret there is %+v, %+v", o.Facts, o.Records[0])
			}
		})
	}
	refused := settle(t, nil, cutoff, Evidence{}, History{Amendments: []Amendment{{Kind: RefuseIt}}}, k, overAxis)
	if refused.State != Refused || refused.Reason != ReasonClerkRefused {
		t.Errorf("a clerk ends the wait: %s (%s)", refused.State, refused.Reason)
	}
	named := settle(t, pack{organ: "H99.77"}.raw(), cutoff, Evidence{}, History{Amendments: []Amendment{{Kind: Amend, Fields: map[string]string{"agency": "snv"}}}}, k, overAxis)
	if named.State != Registered || named.Records[0].Sender.Agency != "snv" {
		t.Errorf("a clerk says who an unknown code is: %s (%s)", named.State, named.Reason)
	}
}

// A package that changes an earlier document is labelled and tied; a person decides.
func TestPackagesThatChange(t *testing.T) {
	k := testKnowledge(t, nil)
	code := "edxml|H50.01|id-1"
	stands := map[string]Standing{code: {Record: "GL-2026-0000009/1", Receipt: "GL-2026-0000009", SoDen: "7/2026", Files: []string{"x"}, Channels: []Channel{System}}}
	recall := pack{change: "<BussinessDocType>1</BussinessDocType><BussinessDocReason>gửi nhầm</BussinessDocReason>"}
	update := pack{change: "<DocumentId>id-1</DocumentId><BussinessDocType>2</BussinessDocType><BussinessDocReason>sửa</BussinessDocReason>"}
	replace := pack{id: "id-2", number: "13", change: "<BussinessDocType>3</BussinessDocType><BussinessDocReason>thay</BussinessDocReason><ReplacementInfoList><ReplacementInfo><DocumentId>id-1</DocumentId><OrganIdList><OrganId>H50.02</OrganId></OrganIdList></ReplacementInfo></ReplacementInfoList>"}
	for _, c := range []struct {
		name   string
		p      pack
		kind   mapping.RelationKind
		accept State
		alarm  bool
	}{
		{"recall", recall, mapping.Recalls, Recorded, true},
		{"update", update, mapping.Updates, Duplicate, false},
		{"replacement", replace, mapping.Replaces, Registered, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := settle(t, c.p.raw(), cutoff, Evidence{}, History{Registered: stands}, k, overAxis)
			r := o.Records[0]
			if o.State != Held || o.Reason != ReasonChange || len(r.Relations) != 1 || r.Relations[0].Kind != c.kind || r.Relations[0].Target != "GL-2026-0000009/1" {
				t.Fatalf("%s (%s), %+v", o.State, o.Reason, r.Relations)
			}
			if alarmed := slices.ContainsFunc(o.Alarms, func(a Alarm) bool { return a.Code == ReasonRecallAsked }); alarmed != c.alarm {
				t.Errorf("alarms %+v", o.Alarms)
			}
			accepted := settle(t, c.p.raw(), cutoff, Evidence{}, History{Registered: stands, Amendments: []Amendment{{Kind: Exception}}}, k, overAxis)
			if accepted.State != c.accept || accepted.State == Duplicate && accepted.Records[0].JoinTo != "GL-2026-0000009/1" {
				t.Errorf("accepted: %s (%s)", accepted.State, accepted.Reason)
			}
			refused := settle(t, c.p.raw(), cutoff, Evidence{}, History{Registered: stands, Amendments: []Amendment{{Kind: RefuseIt}}}, k, overAxis)
			if refused.State != Refused {
				t.Errorf("refused: %s (%s)", refused.State, refused.Reason)
			}
			alone := settle(t, c.p.raw(), cutoff, Evidence{}, History{}, k, overAxis)
			if alone.State != Held || alone.Records[0].Relations[0].Target != "" || len(alone.Alarms) != 0 {
				t.Errorf("about nothing that stands: %s, %+v", alone.State, alone.Records[0].Relations)
			}
		})
	}
}

// What we delivered lies in the inbox of the document system, which may be read here too: it is no other way on which the document came, and
// what is known of the record is not written down a second time.
func TestOwnDeliveryComesBack(t *testing.T) {
	found := func(by string) History {
		return History{Answered: [][]Answered{{{Record: "GL-2026-0000009/1", By: by, Number: "12/SNV-VP", Subject: "trích yếu", Reply: &Reply{MessageID: "m"}}}}}
	}
	for name, c := range map[string]struct {
		history History
		pack    pack
		state   State
		reason  string
	}{
		"delivered by us":         {found(AnsweredByDocument), pack{}, Ignored, ReasonOwnDelivery},
		"an update of ours":       {found(AnsweredByDocument), pack{change: "<BussinessDocType>2</BussinessDocType>"}, Ignored, ReasonOwnDelivery},
		"a person takes it":       {withWord(found(AnsweredByDocument), Exception), pack{}, Registered, ""},
		"came under its identity": {found(AnsweredByCode), pack{}, Registered, ""},
		"nothing of ours":         {History{Answered: [][]Answered{nil}}, pack{}, Registered, ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := settle(t, c.pack.raw(), cutoff.Add(-time.Hour), Evidence{}, c.history, testKnowledge(t, nil), overAxis)
			if o.State != c.state || c.reason != "" && o.Reason != c.reason {
				t.Errorf("%s (%s), want %s (%s)", o.State, o.Reason, c.state, c.reason)
			}
			for _, list := range o.History.Answered {
				for _, a := range list {
					if a.Number != "" || a.Subject != "" || a.Reply != nil {
						t.Errorf("the outcome quotes the record: %+v", a)
					}
				}
			}
		})
	}
}

func withWord(h History, k AmendmentKind) History {
	h.Amendments = []Amendment{{Kind: k, By: "hoa", Reason: "xem lại"}}
	return h
}
