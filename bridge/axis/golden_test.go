package axis

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// golden is one call of the official builder as it was captured.
type golden struct {
	op, body string
	header   map[string]string // by name as written
}

// goldens reads the captured calls, or skips the test where there are none.
func goldens(t *testing.T) []golden {
	t.Helper()
	log, err := os.ReadFile("../../../shared/reference/edxml/vxp-wire-golden.log")
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal("no ../shared/reference, and GIAOLIEN_TEST_REQUIRE is set")
		}
		t.Skip("no ../shared/reference")
	}
	if err != nil {
		t.Fatal(err)
	}
	var out []golden
	for part := range strings.SplitSeq(string(log), "=== #") {
		if part == "" {
			continue
		}
		head, body, _ := strings.Cut(part, "\n\n")
		lines := strings.Split(head, "\n")
		_, op, _ := strings.Cut(lines[0], "/")
		g := golden{op: op, body: strings.TrimSpace(body), header: map[string]string{}}
		for _, l := range lines[1:] {
			name, value, _ := strings.Cut(l, ": ")
			g.header[name] = value
		}
		out = append(out, g)
	}
	if len(out) != 12 {
		t.Fatalf("%d captured calls, want 12", len(out))
	}
	return out
}

const goldenSecret = "test-secret-123"

// TestSignsAsTheOfficialBuilder signs the captured pairs in their order: every field must come out as captured.
func TestSignsAsTheOfficialBuilder(t *testing.T) {
	for _, g := range goldens(t) {
		d := json.NewDecoder(strings.NewReader(g.header[prefix+"sign-header"]))
		var pairs []pair
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			v, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			pairs = append(pairs, pair{strings.TrimPrefix(k.(string), prefix), v.(string)})
		}
		got := sign(goldenSecret, pairs)
		for name, values := range got {
			if values[0] != g.header[name] {
				t.Errorf("%s: %s is %q, captured was %q", g.op, name, values[0], g.header[name])
			}
		}
		for name, value := range g.header {
			if (strings.HasPrefix(name, prefix) || name == "Content-Type") && got[name] == nil {
				t.Errorf("%s: %s (%q) is not made", g.op, name, value)
			}
		}
	}
}

// TestCallsAsTheOfficialBuilder makes the captured calls with their parameters at their instants: what arrives is what was captured.
func TestCallsAsTheOfficialBuilder(t *testing.T) {
	for _, g := range goldens(t) {
		at := goldenTime(t, g.header[prefix+"timestamp"])
		var got http.Header
		var body bytes.Buffer
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.Header
			if _, err := body.ReadFrom(r.Body); err != nil {
				t.Error(err)
			}
		}))
		v, err := NewVXP(Options{Name: "x", URL: server.URL, SystemID: "test.system.01", Secret: fixed(goldenSecret), Version: "1", Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, made := t.Context(), true
		switch g.op {
		case "getAgenciesList":
			_, _, err = v.post(ctx, g.op, "", smallAnswer)
		case "getReceivedEdocList":
			_, err = v.Received(ctx, edxml.KindEdoc, time.Time{})
		case "getSentEdocList":
			_, err = v.Sent(ctx, bridge.AxisQuestion{Kind: edxml.KindEdoc, DocID: "x1"})
		case "sendEdoc":
			_, err = v.Send(ctx, "000.00.00.H50", edxml.KindEdoc, int64(len(g.body)), strings.NewReader(g.body))
		case "getEdoc":
			_, err = v.Fetch(ctx, "d-1")
		case "updateStatus":
			err = v.Ack(ctx, "d-1", bridge.AxisDone)
		default:
			made = false
		}
		server.Close()
		v.Close()
		if !made {
			continue
		}
		if !errors.Is(err, bridge.ErrUnusable) {
			t.Errorf("%s: an empty answer gave %v", g.op, err)
		}
		for name, want := range g.header {
			if (strings.HasPrefix(name, prefix) || name == "Content-Type") && got.Get(name) != want {
				t.Errorf("%s: %s arrives as %q, captured was %q", g.op, name, got.Get(name), want)
			}
		}
		if strings.TrimSpace(body.String()) != g.body {
			t.Errorf("%s: body %q, captured was %q", g.op, body.String(), g.body)
		}
		if agent := got.Get("User-Agent"); !strings.HasPrefix(agent, "giaolien/1") {
			t.Errorf("%s: user agent is %q", g.op, agent)
		}
	}
}

// goldenTime reads a captured timestamp.
func goldenTime(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("02012006T150405", s[:15], vietnam())
	if err != nil {
		t.Fatal(err)
	}
	var millis int
	for _, c := range s[16:] {
		millis = 10*millis + int(c-'0')
	}
	return at.Add(time.Duration(millis) * time.Millisecond)
}

func fixed(secret string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return secret, nil }
}

func TestHashHasTwoSpellings(t *testing.T) {
	digest, err := hex.DecodeString("0d00ff10")
	if err != nil {
		t.Fatal(err)
	}
	if got := sdkHex(digest); got != "d0ff10" {
		t.Errorf("spelled %s", got)
	}
}
