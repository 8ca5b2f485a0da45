package mailbox

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"hash"
	"io"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"github.com/giaolien/giaolien/bridge"
)

// childServer makes the test binary a server, so that its memory is not ours.
const childServer = "GIAOLIEN_TEST_CHILD_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(childServer) != "" {
		if err := serveChild(); err != nil {
			log.Fatal(err)
		}
		return
	}
	os.Exit(m.Run())
}

// serveChild serves one account with one mail over TLS until standard input ends. It prints its port and its certificate.
func serveChild() error {
	config, _ := certificate(fatal{})
	user := imapmemserver.NewUser("vanthu", secret)
	if err := user.Create("INBOX", nil); err != nil {
		return err
	}
	if _, err := user.Append("INBOX", literal{strings.NewReader(string(mail(1, 300_000)))}, &imap.AppendOptions{Time: start}); err != nil {
		return err
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		return err
	}
	srv := imapserver.New(&imapserver.Options{InsecureAuth: true, NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return mem.NewSession(), nil, nil
	}})
	go func() { log.Println(srv.Serve(l)) }()
	_, port, _ := strings.Cut(l.Addr().String(), ":")
	fmt.Println(port)
	fmt.Print(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: config.Certificates[0].Certificate[0]})))
	os.Stdout.Close()
	_, err = bufio.NewReader(os.Stdin).ReadString('\n')
	return err
}

type literal struct{ *strings.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// fatal is a testing.TB for the child.
type fatal struct{ testing.TB }

func (fatal) Helper()           {}
func (fatal) Fatal(args ...any) { log.Fatal(args...) }

// BenchmarkIdleMailboxes prints the memory, heap and stacks together, of one mailbox that is watched over TLS with nothing going on,
// after it has taken a mail of 300 KB. The server is another process.
func BenchmarkIdleMailboxes(b *testing.B) {
	const count = 200
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childServer+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { in.Close(); _ = cmd.Wait() }() // it ends with an error because its input does
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		b.Fatal(err)
	}
	ca, err := io.ReadAll(r)
	if err != nil {
		b.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		b.Fatal("the server gave no certificate")
	}
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		st := &bareStore{taken: make([]bool, count+1), both: make(chan struct{}), want: 2 * count}
		done := make(chan error, count)
		before, goroutines := inUse(), runtime.NumGoroutine()
		for i := range count {
			o := defaults("vanthu", secret)
			o.Name, o.Port, o.TLS, o.RootCAs = fmt.Sprint("hộp", i), port, TLSImplicit, pool
			o.Poll = 20 * time.Second // the first quiet poll renews the heavy connection; the measurement falls before the second
			w, err := New(o, Deps{Door: &bridge.Door{Archive: forgetting{}, Receipts: st, Meter: bridge.NoMeter{}, Accepted: func() {}}, Ledger: st,
				Leases: st, Actions: st, Alarm: func(_ context.Context, a bridge.Alarm) { b.Error(a) }, Clear: func(context.Context, string) {},
				Meter: bridge.NoMeter{}, Now: time.Now, Owner: "một", Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			go func() { done <- w.Run(ctx) }()
		}
		select {
		case <-st.both:
		case <-time.After(time.Minute):
			b.Fatal("not all mailboxes came to rest")
		}
		for runtime.NumGoroutine() != goroutines+3*count { // the watcher, the library's reader, the library's idling
			runtime.Gosched()
		}
		now := inUse()
		for range 8 { // the collector halves the stacks that have become too large, one step each time
			now = min(now, inUse())
		}
		b.ReportMetric(float64(now-before)/count/1024, "KB/mailbox")
		cancel()
		for range count {
			if err := <-done; err != nil {
				b.Error(err)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

// bareStore keeps one bit for each folder, which holds one message.
type bareStore struct {
	bridge.ServerActions
	mu     sync.Mutex
	folder int64
	taken  []bool
	want   int // calls of Accounted: one for every connection
	both   chan struct{}
}

func (s *bareStore) TakeLease(_ context.Context, name, owner string, _ time.Duration) (bridge.Fence, bool, error) {
	return bridge.Fence{Name: name, Owner: owner}, true, nil
}
func (s *bareStore) RenewLease(context.Context, bridge.Fence, time.Duration) error { return nil }
func (s *bareStore) DropLease(context.Context, bridge.Fence) error                 { return nil }

func (s *bareStore) Folder(context.Context, string, string, string, string) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder++
	return s.folder, nil
}

func (s *bareStore) Accounted(_ context.Context, folder int64, _ uint32) ([]bridge.UIDRange, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.want--; s.want == 0 {
		close(s.both)
	}
	if s.taken[folder] {
		return []bridge.UIDRange{{From: 1, To: 1}}, nil
	}
	return nil, nil
}

func (s *bareStore) Sighted(context.Context, bridge.Fence, int64, uint32, []uint32) error { return nil }
func (s *bareStore) FetchTried(_ context.Context, _ bridge.Fence, k bridge.UIDKey) (int, error) {
	return 0, fmt.Errorf("message %d of folder %d has become a suspect", k.UID, k.Folder)
}
func (s *bareStore) SettleUID(_ context.Context, _ bridge.Fence, k bridge.UIDKey, state bridge.State, _ string) error {
	return fmt.Errorf("message %d of folder %d is %s", k.UID, k.Folder, state)
}

func (s *bareStore) PutReceipts(_ context.Context, _ bridge.Fence, in []bridge.Stored) ([]bridge.Put, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range in {
		s.taken[a.UID.Folder] = true
	}
	return make([]bridge.Put, len(in)), nil
}

// forgetting is an archive that keeps nothing but digests.
type forgetting struct{ bridge.Archive }

type hashed struct {
	sum  hash.Hash
	size int64
	raw  bridge.Digest
}

func (forgetting) Begin() bridge.Intake { return &hashed{sum: sha256.New()} }
func (forgetting) Append(_ context.Context, blobs []bridge.Sealed) ([]string, error) {
	return make([]string, len(blobs)), nil
}

func (h *hashed) Write(p []byte) (int, error) { h.size += int64(len(p)); return h.sum.Write(p) }
func (h *hashed) Seal() (bridge.Sealed, error) {
	h.raw, h.sum = bridge.Digest(h.sum.Sum(nil)), nil
	return h, nil
}
func (h *hashed) Raw() bridge.Digest     { return h.raw }
func (h *hashed) Content() bridge.Digest { return h.raw }
func (h *hashed) Size() int64            { return h.size }
func (h *hashed) Discard()               {}

// inUse is the memory of heap and stacks after the garbage is gone.
func inUse() uint64 {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkDrain takes 300 mails as large as real ones from the in-memory server, without a disk behind.
func BenchmarkDrain(b *testing.B) {
	user := imapmemserver.NewUser("vanthu", secret)
	if err := user.Create("INBOX", nil); err != nil {
		b.Fatal(err)
	}
	var total int64
	for i := range 300 {
		raw := string(mail(i, 20_000+(i*7919)%560_000))
		total += int64(len(raw))
		if _, err := user.Append("INBOX", literal{strings.NewReader(raw)}, &imap.AppendOptions{Time: start}); err != nil {
			b.Fatal(err)
		}
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	l := newListener()
	srv := imapserver.New(&imapserver.Options{InsecureAuth: true, NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
		return mem.NewSession(), nil, nil
	}})
	go func() { _ = srv.Serve(l) }()
	defer l.Close()
	b.SetBytes(total)
	for b.Loop() {
		st, a, m := newStore(), newArchive(), &meter{values: map[string]float64{}}
		w, err := New(defaults("vanthu", secret), Deps{Door: &bridge.Door{Archive: a, Receipts: st, Meter: m, Accepted: func() {}}, Ledger: st, Leases: st,
			Actions: st, Alarm: st.raise, Clear: st.clear, Meter: m, Now: time.Now, Owner: "một", Log: slog.New(slog.DiscardHandler), Dial: l.dial})
		if err != nil {
			b.Fatal(err)
		}
		if got, err := w.Drain(b.Context()); err != nil || got.Accepted != 300 {
			b.Fatal(got, err)
		}
	}
}
