package edxml

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/unicode"
)

// letter is a package as small as a document may be, in the words of another builder than ours.
const letter = `<edXML xmlns="http://www.mic.gov.vn/TBT/QCVN_102_2016"><e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader>` +
	`<e:DocumentId>H50.12,2026/11/22,12/TB-UBND</e:DocumentId><e:To><e:OrganId>H50.13</e:OrganId></e:To>` +
	`<e:From><e:OrganName>Sở Nội vụ</e:OrganName><e:OrganId>H50.12</e:OrganId></e:From>` +
	`<e:Code><e:CodeNumber>12</e:CodeNumber><e:CodeNotation>TB-UBND</e:CodeNotation></e:Code>` +
	`<e:PromulgationInfo><e:PromulgationDate>2026/11/22</e:PromulgationDate></e:PromulgationInfo>` +
	`<e:DocumentType><e:TypeName>Thông báo</e:TypeName></e:DocumentType><e:Subject>Về việc họp</e:Subject></e:MessageHeader>` +
	`<e:TraceHeaderList><e:TraceHeader><e:OrganId>H50.12</e:OrganId><e:Timestamp>2026/11/22 08:00:00</e:Timestamp></e:TraceHeader>` +
	`<e:Bussiness><e:BussinessDocType>0</e:BussinessDocType></e:Bussiness></e:TraceHeaderList></e:edXMLHeader>` +
	`<e:edXMLBody><e:edXMLManifest><e:Reference xlink:href="cid:a"><e:ContentId>cid:a</e:ContentId><e:AttachmentName>a.pdf</e:AttachmentName></e:Reference>` +
	`</e:edXMLManifest></e:edXMLBody></e:edXMLEnvelope>` +
	`<AttachmentEncoded><Attachment><ContentId>a</ContentId><ContentTransferEncoded>dOG7h3A=</ContentTransferEncoded>` +
	`<AttachmentName>a.pdf</AttachmentName></Attachment></AttachmentEncoded></edXML>`

func TestDecodeLenient(t *testing.T) {
	swap := func(old, new string) string {
		if !strings.Contains(letter, old) {
			t.Fatalf("no %q in the letter", old)
		}
		return strings.ReplaceAll(letter, old, new)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(`<?xml version="1.0" encoding="utf-16"?>` + letter)
	if err != nil {
		t.Fatal(err)
	}
	plain, files := decoded(t, []byte(letter))
	if plain.Refused() || len(plain.Findings) > 0 || string(files[0]) != "tệp" || plain.Edoc.Files[0].Name != "a.pdf" {
		t.Fatalf("the letter itself: %+v %v", plain, files)
	}
	same := func(*Edoc) {}
	cases := []struct {
		name, in string
		change   func(*Edoc)
		findings []Code
	}{
		{"byte order mark", "\ufeff" + letter, same, nil},
		{"bytes before the first element (sample 02)", "\x00\x1bGET x\r\n" + letter, same, []Code{LeadingBytes}},
		{"UTF-16", utf16, same, nil},
		{"wrong declaration", `<?xml version="1.0" encoding="windows-1258"?>` + letter, same, nil},
		{"no prefixes, other namespace", strings.NewReplacer("e:", "", Namespace, "http://www.e-doc.vn/Schema/").Replace(letter), same, nil},
		{"Business with one s", swap("Bussiness", "Business"), same, nil},
		{"upper case", strings.NewReplacer("e:Subject>", "e:SUBJECT>").Replace(letter), same, nil},
		{"comments and what follows the end", "<!-- a & b -->" + letter + "\x00<again>", same, nil},
		{"empty is absent", swap("<e:From>", "<e:DueDate></e:DueDate><e:OtherInfo><e:PageAmount/></e:OtherInfo><e:ResponseFor/><e:From>"), same, nil},
		{"null is absent", swap("<e:From>", "<e:From><e:Email>null</e:Email><e:Fax>N/A</e:Fax>"), same, nil},
		{"bare ampersand", swap("việc họp", "việc A & B"), func(e *Edoc) { e.Subject = "Về việc A & B" }, []Code{BareAmpersand}},
		{"CDATA", swap("Về việc họp", "<![CDATA[Về A & <B>]]>"), func(e *Edoc) { e.Subject = "Về A & <B>" }, nil},
		{"unknown entity stays text", swap("việc họp", "việc &xxe;"), func(e *Edoc) { e.Subject = "Về việc &xxe;" }, []Code{BareAmpersand}},
		{"date dd/mm/yyyy (sample 14)", swap("2026/11/22<", "22/11/2026<"), same, nil},
		{"date with time and zone", swap("2026/11/22<", "2026-11-22T00:00:00+07:00<"), same, nil},
		{"no date", swap("2026/11/22<", "N/A<"), func(e *Edoc) { e.Date = "" }, []Code{Missing}},
		{"a date that is none", swap("2026/11/22<", "2026/13/45<"), func(e *Edoc) { e.Date = "" }, []Code{BadForm, Missing}},
		{"number with notation", swap("<e:CodeNumber>12</e:CodeNumber><e:CodeNotation>TB-UBND", "<e:CodeNumber>12/TB-UBND</e:CodeNumber><e:CodeNotation>"), same, nil},
		{"notation with number", swap("<e:CodeNumber>12</e:CodeNumber><e:CodeNotation>TB-UBND", "<e:CodeNotation>12/TB-UBND"), same, nil},
		{"both in both", swap("<e:CodeNumber>12</e:CodeNumber><e:CodeNotation>", "<e:CodeNumber>12/TB-UBND</e:CodeNumber><e:CodeNotation>12/"), same, nil},
		{"year with the number", swap("<e:CodeNumber>12</e:CodeNumber><e:CodeNotation>TB-UBND", "<e:CodeNumber>12/2025</e:CodeNumber><e:CodeNotation>QĐ-UBND"), func(e *Edoc) { e.Notation = "2025/QĐ-UBND" }, nil},
		{"priority 5 is none", swap("<e:From>", "<e:OtherInfo><e:Priority>5</e:Priority></e:OtherInfo><e:From>"), same, nil},
		{"priority of no meaning stays", swap("<e:From>", "<e:OtherInfo><e:Priority>9</e:Priority></e:OtherInfo><e:From>"), func(e *Edoc) { e.Other.Priority = 9 }, []Code{OutOfRange}},
		{"a number that is none", swap("<e:From>", "<e:SteeringType>một</e:SteeringType><e:From>"), same, []Code{BadForm}},
		{"TypeDetail -1", swap("<e:TypeName>", "<e:TypeDetail>-1</e:TypeDetail><e:TypeName>"), same, nil},
		{"two subjects", swap("<e:Subject>", "<e:Subject>Thứ nhất</e:Subject><e:Subject>"), func(e *Edoc) { e.Subject = "Thứ nhất" }, []Code{Repeating}},
		{"receiver twice", swap("<e:From>", "<e:To><e:OrganId>H50.13</e:OrganId></e:To><e:From>"), func(e *Edoc) { e.To = append(e.To, e.To[0]) }, []Code{Duplicate}},
		{"unknown elements", swap("<e:From>", "<e:Colour>đỏ</e:Colour><e:Shape/><e:From>"), same, []Code{UnknownElement}},
		{"swapped in ResponseFor (13 of one builder)", swap("<e:From>", "<e:ResponseFor><e:OrganId>3/TB</e:OrganId><e:Code>H50.13</e:Code></e:ResponseFor><e:From>"), func(e *Edoc) { e.Answers = []Reference{{OrganID: "H50.13", Code: "3/TB"}} }, []Code{Swapped}},
		{"no identity, but a number", swap("<e:DocumentId>H50.12,2026/11/22,12/TB-UBND</e:DocumentId>", ""), func(e *Edoc) { e.DocumentID = "" }, []Code{Missing}},
		{"signature", swap("</e:edXMLHeader>", `<Signature xmlns="x"><KeyInfo>k</KeyInfo></Signature></e:edXMLHeader>`), same, []Code{Unsigned}},
		{"blanks, references and CDATA in base64", swap("dOG7h3A=", "\r\n dOG7&#13;&#xA;<![CDATA[h3]]><!-- -> -->A="), same, nil},
		{"base64 for URLs, no padding", swap("dOG7h3A=", "dOG7h3A"), same, nil},
		{"placeholder for base64 (sample 01)", swap("dOG7h3A=", "${__StringFromFile(test.txt,,,)}"), nil, []Code{FileDamaged}},
		{"something behind the padding", swap("dOG7h3A=", "dOG7h3A=dOG7"), nil, []Code{FileDamaged}},
		{"bytes destroyed by the sender (sample 09)", swap("dOG7h3A=", base64.StdEncoding.EncodeToString([]byte("%PDF-1.4\n%\ufffd\ufffd\ufffd\ufffd\n1 0 obj"))), nil, []Code{FileDamaged}},
		{"no contents", swap("dOG7h3A=", ""), nil, []Code{FileEmpty}},
		{"contents as an empty element", swap("<ContentTransferEncoded>dOG7h3A=</ContentTransferEncoded>", "<ContentTransferEncoded/>"), nil, []Code{FileEmpty}},
		{"not in the list", swap(">cid:a<", ">cid:b<"), nil, nil}, // joined by its name
		{"listed, but not there", swap("<e:edXMLManifest>", "<e:edXMLManifest><e:Reference><e:ContentId>z</e:ContentId><e:AttachmentName>z.pdf</e:AttachmentName></e:Reference>"), nil, []Code{FilesDiffer}},
		{"a mark of secrecy", swap("Về việc họp", "TỐI MẬT Về việc họp"), nil, []Code{Secret}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, files := decoded(t, []byte(c.in))
			if p.Kind != KindEdoc || p.Refused() {
				t.Fatalf("refused: %v", p.Findings)
			}
			if got := codes(p.Findings); !slices.Equal(got, c.findings) {
				t.Errorf("findings %v, not %v", got, c.findings)
			}
			if c.change == nil {
				return
			}
			want := plain.Edoc
			c.change(&want)
			if !equal(p.Edoc, want) || string(files[0]) != "tệp" {
				t.Errorf("got  %+v\nwant %+v", p.Edoc, want)
			}
		})
	}
}

func TestDecodeStatusOfOtherBuilders(t *testing.T) {
	const in = `<edXML><edXMLEnvelope><edXMLHeader><Status><StatusCode> 3 </StatusCode><From><OrganId>H50.13</OrganId></From>` +
		`<ResponseFor><OrganId>12/TB-UBND</OrganId><Code>H50.12</Code><DocumentId>  a,B  </DocumentId></ResponseFor>` +
		`<Timestamp>2026-11-22T01:00:00Z</Timestamp><Description>Số đến 7
 của năm</Description></Status></edXMLHeader></edXMLEnvelope></edXML>`
	p, _ := decoded(t, []byte(in))
	want := Status{From: Organ{ID: "H50.13"}, About: Reference{OrganID: "H50.12", Code: "12/TB-UBND", DocumentID: "a,B"}, Code: Registered,
		Description: "Số đến 7\ncủa năm", At: stampAt(2026, 11, 22, 8, 0, 0)}
	if p.Kind != KindStatus || p.Refused() || !equal(p.Status, want) || !slices.Equal(codes(p.Findings), []Code{Swapped}) {
		t.Errorf("%+v", p)
	}
	p, _ = decoded(t, []byte(strings.Replace(in, " 3 ", "09", 1)))
	if p.Status.Code != "09" || p.Refused() || !slices.Contains(codes(p.Findings), UnknownCode) {
		t.Errorf("a code of no meaning: %+v", p)
	}
}

func TestDecodeRefuses(t *testing.T) {
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	cases := []struct {
		name, in string
		want     Code
		path     string
	}{
		{"nothing", "", Empty, ""},
		{"blanks", " \r\n\x00", Empty, ""},
		{"no XML", "hello", NotEdxml, ""},
		{"another XML", "<html><body>500</body></html>", NotEdxml, ""},
		{"an envelope without header", "<edXML><edXMLEnvelope/></edXML>", NotEdxml, ""},
		{"cut off", letter[:len(letter)/2], NotWellFormed, ""},
		{"cut off within a file", letter[:strings.Index(letter, "OG7h3A")], NotWellFormed, ""},
		{"crossed elements", strings.Replace(letter, "</e:From>", "", 1), NotWellFormed, ""},
		{"a character that XML has not", strings.Replace(letter, "họp", "&#1;", 1), NotWellFormed, ""},
		{"DOCTYPE", `<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + letter, Doctype, ""},
		{"bomb of entities", `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><edXML>&b;</edXML>`, Doctype, ""},
		{"deep", "<edXML>" + deep + "</edXML>", TooDeep, ""},
		{"no sender", strings.Replace(letter, "<e:OrganId>H50.12</e:OrganId></e:From>", "<e:OrganId>null</e:OrganId></e:From>", 1), Missing, "MessageHeader/From/OrganId"},
		{"no receiver", strings.Replace(letter, "H50.13", "", 1), Missing, "MessageHeader/To/OrganId"},
		{"neither identity nor number", strings.NewReplacer("H50.12,2026/11/22,12/TB-UBND", "", ">12<", "><", ">TB-UBND<", "><").Replace(letter), Missing, "MessageHeader/DocumentId"},
		{"a status about nothing", `<edXML><edXMLEnvelope><edXMLHeader><MessageHeader><From><OrganId>H50</OrganId></From><StatusCode>01</StatusCode></MessageHeader></edXMLHeader></edXMLEnvelope></edXML>`, Missing, "MessageHeader/ResponseFor/DocumentId"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, _ := decoded(t, []byte(c.in))
			if !slices.ContainsFunc(p.Findings, func(f Finding) bool {
				return f.Code == c.want && f.Path == c.path && f.Severity == Fault && f.Note != ""
			}) {
				t.Errorf("findings %+v", p.Findings)
			}
			if c.want == Doctype && !equal(p.Edoc, Edoc{}) {
				t.Errorf("something of it was taken: %+v", p.Edoc)
			}
		})
	}
}

func TestDecodeLimits(t *testing.T) {
	check := func(name, in string, l Limits, want Code, severity Severity) {
		t.Helper()
		var given int64
		p, err := Decode(strings.NewReader(in), l, func(_ int, r io.Reader) error {
			n, err := io.Copy(io.Discard, r)
			given += n
			return err
		})
		if err != nil || !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == want && f.Severity == severity }) {
			t.Errorf("%s: %v %+v", name, err, p.Findings)
		}
		if l.File > 0 && given > l.File {
			t.Errorf("%s: %d bytes were given", name, given)
		}
	}
	big := strings.Replace(letter, "dOG7h3A=", strings.Repeat("AAAA", 10_000), 1)
	check("package", big, Limits{Package: 20_000}, TooLarge, Fault)
	check("file", big, Limits{File: 100}, TooLarge, Warning)
	check("markup", strings.Replace(letter, "Về việc họp", strings.Repeat("x", 100_000), 1), Limits{Markup: 50_000}, TooLarge, Fault)
	check("elements", "<edXML>"+strings.Repeat("<a/>", maxElements)+"</edXML>", Limits{}, TooMany, Fault)
	one := "<Attachment><ContentTransferEncoded>AAAA</ContentTransferEncoded></Attachment>"
	check("files", strings.Replace(letter, "<Attachment>", strings.Repeat(one, 5)+"<Attachment>", 1), Limits{Files: 3}, TooMany, Fault)
	if p, err := Decode(strings.NewReader(big), Limits{Package: int64(len(big)), File: 30_000}, nil); err != nil || p.Refused() || p.Edoc.Files[0].Damaged {
		t.Errorf("limits that fit exactly: %v %+v", err, p.Findings)
	}
}

func TestDecodeErrorsAreOurs(t *testing.T) {
	broken := errors.New("disk")
	for _, at := range []int{0, 100, len(letter) - 250, len(letter) - 20} {
		_, err := Decode(io.MultiReader(strings.NewReader(letter[:at]), iotest.ErrReader(broken)), Limits{}, nil)
		if !errors.Is(err, broken) {
			t.Errorf("reading fails at %d: %v", at, err)
		}
	}
	if _, err := Decode(strings.NewReader(letter), Limits{}, func(int, io.Reader) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the sink fails: %v", err)
	}
	whole, _ := decoded(t, []byte(letter))
	slow, err := Decode(iotest.OneByteReader(strings.NewReader(letter)), Limits{}, func(_ int, r io.Reader) error {
		_, err := io.ReadFull(r, make([]byte, 2)) // and leaves the rest
		return err
	})
	if err != nil || !equal(slow, whole) {
		t.Errorf("byte by byte: %v %+v", err, slow)
	}
}

func TestFindingsAreBoundedAndSilent(t *testing.T) {
	var b bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&b, "<Secret%d>bí mật</Secret%d>", i, i)
	}
	p, _ := decoded(t, []byte(strings.Replace(letter, "<e:From>", b.String()+"<e:From>", 1)))
	if len(p.Findings) != maxFindings {
		t.Errorf("%d findings", len(p.Findings))
	}
	for _, f := range p.Findings {
		if strings.Contains(f.Path+f.Note, "bí mật") {
			t.Errorf("quotes the package: %+v", f)
		}
	}
	for code, note := range notes() {
		if !strings.HasPrefix(string(code), "edxml-") || !strings.HasSuffix(note, ".") {
			t.Errorf("%s: %q", code, note)
		}
	}
}
