package axis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/giaolien/giaolien/bridge"
	fake "github.com/giaolien/giaolien/cmd/giaolien/demo/axis"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Organisations and accounts of the fake axis.
const (
	ours    = "H50.12"
	issuer  = "H50.34"
	account = "test.giaolien.01"
)

// face is one face of the fake axis, and a client for it.
type face struct {
	name   string
	server *fake.Axis
	client bridge.Axis
	url    string
}

const plainSecret = "plain-secret-1"

// faces starts the fake axis once for each face.
func faces(t *testing.T, o fake.Options) []face {
	t.Helper()
	o.Systems = map[string]fake.System{account: {Secret: plainSecret, Organs: []string{ours, issuer}}}
	var out []face
	for _, name := range []string{"vxp", "lgsp"} {
		f := face{name: name, server: fake.New(o)}
		server := httptest.NewServer(f.server)
		t.Cleanup(server.Close)
		f.url = server.URL
		options := Options{Name: name, URL: server.URL, SystemID: account, Secret: fixed(plainSecret), Version: "test", Now: time.Now, SharedInbox: true, Timeout: 10 * time.Second}
		if name == "vxp" {
			c, err := NewVXP(options)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			f.client = c
		} else {
			c, err := NewLGSP(options)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			f.client = c
		}
		out = append(out, f)
	}
	return out
}

// parcel is a document as a package.
func parcel(t testing.TB, number, to string, contents string) []byte {
	t.Helper()
	e := edxml.Edoc{From: edxml.Organ{ID: issuer, Name: "Sở Nội vụ"}, To: []edxml.Organ{{ID: to, Name: "Sở Khoa học và Công nghệ"}},
		DocumentID: issuer + ",2026/11/20," + number + "/SNV-VP", Number: number, Notation: "SNV-VP", Date: "2026-11-20",
		Type: edxml.DocumentType{Number: 2, Detail: 18, Name: "Công văn"}, Subject: "Về việc thử nghiệm số " + number,
		Trace: []edxml.Hop{{OrganID: issuer, At: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}},
		Files: []edxml.File{{ContentID: "1", Name: "a.pdf", Type: "application/pdf", Size: int64(len(contents))}}}
	var b bytes.Buffer
	if err := edxml.Encode(&b, e, func(int) (io.Reader, error) { return strings.NewReader(contents), nil }); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBothFacesCarryAPackage(t *testing.T) {
	for _, f := range faces(t, fake.Options{MaxSkew: time.Minute}) {
		t.Run(f.name, func(t *testing.T) {
			ctx := t.Context()
			body := parcel(t, "12", ours, strings.Repeat("%PDF-1.7 nội dung ", 1000))
			id, err := f.client.Send(ctx, issuer, edxml.KindEdoc, int64(len(body)), bytes.NewReader(body))
			if err != nil || id == "" {
				t.Fatalf("sent as %q: %v", id, err)
			}
			list, err := f.client.Received(ctx, edxml.KindEdoc, time.Now().Add(-time.Hour))
			if err != nil || len(list) == 0 {
				t.Fatalf("inbox has %v: %v", list, err)
			}
			item := list[0]
			if item.From != issuer || item.To != ours || item.Transport != bridge.AxisInitial || time.Since(item.Created).Abs() > time.Minute {
				t.Errorf("the inbox says %+v", item)
			}
			p := fetched(t, f.client, item.DocID)
			if p.Edoc.DocumentID != issuer+",2026/11/20,12/SNV-VP" || len(p.Edoc.Trace) != 2 || p.Refused() || p.Edoc.Files[0].Damaged {
				t.Errorf("fetched %+v, findings %v", p.Edoc, p.Findings)
			}
			if err := f.client.Ack(ctx, item.DocID, bridge.AxisDone); err != nil || f.server.Status(item.DocID) != "done" {
				t.Errorf("acknowledged as %q: %v", f.server.Status(item.DocID), err)
			}
			sent, err := f.client.Sent(ctx, bridge.AxisQuestion{Kind: edxml.KindEdoc, From: issuer, To: ours, Code: "12/SNV-VP", Since: time.Now()})
			if err != nil || len(sent) == 0 || sent[0].DocID == "" {
				t.Errorf("sent list says %+v: %v", sent, err)
			}
			sent, err = f.client.Sent(ctx, bridge.AxisQuestion{Kind: edxml.KindEdoc, From: issuer, To: ours, Code: "12/SNV-VP", Since: time.Now().Add(time.Hour)})
			if err != nil || len(sent) != 0 {
				t.Errorf("a sending of before is taken for one of later: %+v, %v", sent, err)
			}
			if _, err := f.client.Fetch(ctx, "nothing-there"); !errors.Is(err, bridge.ErrFail) {
				t.Errorf("fetching what is not there gave %v", err)
			}
		})
	}
}

func fetched(t *testing.T, a bridge.Axis, id string) edxml.Package {
	t.Helper()
	r, err := a.Fetch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	peeled, err := edxml.Peel(r)
	if err != nil {
		t.Fatal(err)
	}
	p, err := edxml.Decode(peeled, edxml.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestNothingWrongIsTakenForSuccess makes every call meet every fault.
func TestNothingWrongIsTakenForSuccess(t *testing.T) {
	harmless := map[fake.Fault]bool{fake.Slow: true, fake.Duplicate: true}
	for _, kind := range fake.AllFaults() {
		for _, f := range faces(t, fake.Options{}) {
			body := parcel(t, "12", ours, "%PDF-1.7")
			id, err := f.client.Send(t.Context(), issuer, edxml.KindEdoc, int64(len(body)), bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			inbox := f.server.Inbox(ours)[0]
			f.server.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{kind}})
			calls := map[string]func() error{
				"send": func() error {
					_, err := f.client.Send(t.Context(), issuer, edxml.KindEdoc, int64(len(body)), bytes.NewReader(body))
					return err
				},
				"list": func() error { _, err := f.client.Received(t.Context(), edxml.KindEdoc, time.Now()); return err },
				"ack":  func() error { return f.client.Ack(t.Context(), inbox, bridge.AxisProcessing) },
				"sent": func() error {
					_, err := f.client.Sent(t.Context(), bridge.AxisQuestion{Kind: edxml.KindEdoc, DocID: id})
					return err
				},
				"fetch": func() error { return wholly(t.Context(), f.client, inbox) },
			}
			for name, call := range calls {
				err := call()
				// Base64 is in the answers to fetching alone.
				well := harmless[kind] || kind == fake.CutBase64 && name != "fetch"
				if well != (err == nil) {
					t.Errorf("%s, %s, %s: error is %v", f.name, kind, name, err)
				}
				if errors.Is(err, bridge.ErrUntouched) && (kind == fake.CutAfter || kind == fake.LostAnswer || kind == fake.CutJSON || kind == fake.Interrupted) {
					t.Errorf("%s, %s, %s: what was done is said to be untouched: %v", f.name, kind, name, err)
				}
				if err != nil && errors.Is(err, bridge.ErrPermanent) {
					t.Errorf("%s, %s, %s: would never be tried again: %v", f.name, kind, name, err)
				}
				if err != nil && strings.Contains(err.Error(), plainSecret) {
					t.Errorf("%s, %s, %s: the secret stands in %v", f.name, kind, name, err)
				}
			}
		}
	}
}

// wholly fetches a package and reads it to its end.
func wholly(ctx context.Context, a bridge.Axis, id string) error {
	r, err := a.Fetch(ctx, id)
	if err != nil {
		return err
	}
	defer r.Close()
	peeled, err := edxml.Peel(r)
	if err != nil {
		return err
	}
	p, err := edxml.Decode(peeled, edxml.Limits{}, nil)
	if err == nil && p.Refused() {
		err = fmt.Errorf("package is refused: %v", p.Findings)
	}
	return err
}

func TestWordsOfTheAxisAreKept(t *testing.T) {
	for kind, want := range map[fake.Fault]string{fake.Fail: "Hệ thống đang bận, vui lòng thử lại sau", fake.HTML: "Cổng thông tin Hệ thống đang bảo trì"} {
		for _, f := range faces(t, fake.Options{Faults: fake.Faults{Percent: 100, Kinds: []fake.Fault{kind}}}) {
			_, err := f.client.Received(t.Context(), edxml.KindEdoc, time.Now())
			said, ok := errors.AsType[*bridge.AxisError](err)
			if !ok || said.Text != want {
				t.Errorf("%s: kept %q of %v", f.name, said.Text, err)
			}
		}
	}
}

func TestCodesOfLGSPTellWhatToDo(t *testing.T) {
	for code, want := range map[string]struct{ final, untouched, login bool }{
		"10": {true, true, false}, "15": {false, true, true}, "18": {true, true, false}, "19": {true, true, false}, "20": {false, false, false},
		"21": {true, true, false}, "22": {true, true, false}, "23": {true, true, false}, "99": {false, false, false},
	} {
		for _, spelling := range []string{`"` + code + `"`, code} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fmt.Fprintf(w, `{"success":false,"errorCode":%s,"message":"không được"}`, spelling)
			}))
			l, err := NewLGSP(Options{Name: "x", URL: server.URL, SystemID: "x", Secret: fixed("y"), Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			_, err = l.Send(t.Context(), issuer, edxml.KindEdoc, 1, strings.NewReader("x"))
			l.Close()
			server.Close()
			if err == nil || errors.Is(err, bridge.ErrPermanent) != want.final || errors.Is(err, bridge.ErrUntouched) != want.untouched || errors.Is(err, bridge.ErrLogin) != want.login {
				t.Errorf("code %s: %v", spelling, err)
			}
		}
	}
}

func TestRefusedAccountIsUntouchedAndNotFinal(t *testing.T) {
	for _, f := range faces(t, fake.Options{}) {
		if f.name != "lgsp" {
			continue
		}
		l, err := NewLGSP(Options{Name: "x", URL: f.url, SystemID: account, Secret: fixed("wrong"), Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		_, err = l.Received(t.Context(), edxml.KindEdoc, time.Now())
		l.Close()
		if !errors.Is(err, bridge.ErrLogin) || !errors.Is(err, bridge.ErrUntouched) || errors.Is(err, bridge.ErrPermanent) {
			t.Errorf("a wrong key gave %v", err)
		}
	}
}

func TestServerThatIsNotThereTookNothing(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	v, err := NewVXP(Options{Name: "x", URL: server.URL, SystemID: "x", Secret: fixed("y"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	_, err = v.Send(t.Context(), issuer, edxml.KindEdoc, 1, strings.NewReader("x"))
	if !errors.Is(err, bridge.ErrUntouched) || errors.Is(err, bridge.ErrPermanent) {
		t.Errorf("gave %v", err)
	}
}

func TestStandstillEnds(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"status":`)
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer server.Close()
	defer close(release)
	v, err := NewVXP(Options{Name: "x", URL: server.URL, SystemID: "x", Secret: fixed("y"), Now: time.Now, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Received(t.Context(), edxml.KindEdoc, time.Time{}); !errors.Is(err, errStill) {
		t.Errorf("gave %v", err)
	}
}

func TestAnswersHaveALimit(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"status":"OK","ErrorCode":"0","data":["`+strings.Repeat("x", 10_000)+`"]}`)
	}))
	defer server.Close()
	v, err := NewVXP(Options{Name: "x", URL: server.URL, SystemID: "x", Secret: fixed("y"), Now: time.Now, MaxList: 5000})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if _, err := v.Received(t.Context(), edxml.KindEdoc, time.Time{}); !errors.Is(err, bridge.ErrOversize) {
		t.Errorf("gave %v", err)
	}
}

func TestAgenciesOfBothListsAreJoined(t *testing.T) {
	all := []directory.Listed{
		{ID: "1", Code: "H50", Old: "000.00.00.H50", Name: "UBND tỉnh Quảng Trị"},
		{ID: "2", Parent: "1", Code: "H50.12", Old: "000.00.12.H50", Name: "Sở Khoa học và Công nghệ", Mail: "skhcn@quangtri.gov.vn"},
		{ID: "3", Parent: "1", Code: "000.00.77.H50", Name: "Đơn vị chỉ có mã cũ"},
	}
	f := faces(t, fake.Options{Agencies: all})[0]
	got, err := f.client.Agencies(t.Context())
	if err != nil || len(got) != len(all) {
		t.Fatalf("%d agencies: %v", len(got), err)
	}
	for i, want := range all {
		if got[i] != want {
			t.Errorf("agency %d is %+v, want %+v", i, got[i], want)
		}
	}
	for _, kind := range []fake.Fault{fake.HTML, fake.CutJSON, fake.Fail, fake.Broken, fake.Empty} {
		f.server.SetFaults(fake.Faults{Percent: 100, Kinds: []fake.Fault{kind}, Calls: []string{"getAgenciesList"}})
		if list, err := f.client.Agencies(t.Context()); err == nil {
			t.Errorf("%s gave a list of %d", kind, len(list))
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	good := Options{Name: "x", URL: "https://truc.example.vn/vxp", SystemID: "x", Secret: fixed("y"), Now: time.Now}
	if _, err := NewVXP(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Options){
		"http to another machine": func(o *Options) { o.URL = "http://truc.example.vn" },
		"password in the address": func(o *Options) { o.URL = "https://a:b@truc.example.vn" },
		"other scheme":            func(o *Options) { o.URL = "ftp://truc.example.vn" },
		"no address":              func(o *Options) { o.URL = "" },
		"system id with a quote":  func(o *Options) { o.SystemID = `a"b` },
		"no secret":               func(o *Options) { o.Secret = nil },
		"no certificate there":    func(o *Options) { o.CAFile = "options.go" },
	} {
		o := good
		spoil(&o)
		if _, err := NewVXP(o); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
