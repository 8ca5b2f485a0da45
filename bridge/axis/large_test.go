package axis

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/edxml"
)

// spaces is as many bytes as it is long, and can be read again.
type spaces struct{ size, at int64 }

func (s *spaces) Read(p []byte) (int, error) {
	n := int(min(int64(len(p)), s.size-s.at))
	for i := range n {
		p[i] = ' '
	}
	if s.at += int64(n); n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (s *spaces) Seek(to int64, _ int) (int64, error) {
	s.at = to
	return to, nil
}

// TestLargePackagesAreNotHeld passes 48 MiB each way and counts what was allocated meanwhile, by client and server together.
func TestLargePackagesAreNotHeld(t *testing.T) {
	const size, most = 48 << 20, 16 << 20
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			t.Error(err)
		}
		if strings.HasSuffix(r.URL.Path, "/sendEdoc") {
			fmt.Fprintf(w, `{"status":"OK","ErrorCode":"0","success":true,"DocId":"%d"}`, n)
			return
		}
		fmt.Fprint(w, `{"status":"OK","ErrorCode":0,"data":"`)
		e := base64.NewEncoder(base64.StdEncoding, w)
		if _, err := io.Copy(e, &spaces{size: size}); err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, `"}`)
	}))
	defer server.Close()
	o := Options{Name: "x", URL: server.URL, SystemID: "x", Secret: fixed("y"), Now: time.Now}
	v, err := NewVXP(o)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	l, err := NewLGSP(o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, pass := range map[string]func() error{
		"vxp sends": func() error {
			_, err := v.Send(t.Context(), issuer, edxml.KindEdoc, size, &spaces{size: size})
			return err
		},
		"lgsp sends": func() error {
			_, err := l.Send(t.Context(), issuer, edxml.KindEdoc, size, &spaces{size: size})
			return err
		},
		"vxp fetches": func() error {
			r, err := v.Fetch(t.Context(), "1")
			if err != nil {
				return err
			}
			defer r.Close()
			peeled, err := edxml.Peel(r)
			if err != nil {
				return err
			}
			if n, err := io.Copy(io.Discard, peeled); err != nil || n != size {
				return fmt.Errorf("%d bytes: %w", n, err)
			}
			return nil
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := pass()
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err != nil || used > most {
			t.Errorf("%s: %d bytes allocated, %v", name, used, err)
		}
	}
}
