package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits are what one run of a foreign tool may use of the machine.
type Limits struct {
	Wall   time.Duration // from start to end; default 20 s
	CPU    time.Duration // whole seconds; default 10 s
	Memory int64         // address space in bytes; default 1 GiB
	Output int64         // bytes of the largest file that it may write; default 64 MiB
}

func (l *Limits) setDefaults() {
	if l.Wall <= 0 {
		l.Wall = 20 * time.Second
	}
	if l.CPU <= 0 {
		l.CPU = 10 * time.Second
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 30
	}
	if l.Output <= 0 {
		l.Output = 64 << 20
	}
}

// Walls say which walls of this machine's kernel stand around a foreign tool, beside the resource limits, the empty environment and the
// closed descriptors that always hold. They are what a probe found, not what was asked for.
type Walls struct {
	Namespaces bool `json:"namespaces"` // network, process and IPC namespaces of its own: no route to anywhere, no other process to be seen
	Landlock   int  `json:"landlock"`   // ABI of the file rules; 0: the kernel has none, and files are guarded by their permissions alone
	Seccomp    bool `json:"seccomp"`    // no socket, no new process or thread, no tracing, mounting or loading
	NoPrivs    bool `json:"no_privs"`   // neither root nor a way to become it
}

// Network says whether no network can be reached.
func (w Walls) Network() bool { return w.Namespaces || w.Seccomp }

// String lists the walls for a person.
func (w Walls) String() string {
	var out []string
	if w.Namespaces {
		out = append(out, "namespaces")
	}
	if w.Landlock > 0 {
		out = append(out, fmt.Sprintf("Landlock %d", w.Landlock))
	}
	if w.Seccomp {
		out = append(out, "seccomp")
	}
	if w.NoPrivs {
		out = append(out, "no privileges")
	}
	return strings.Join(append(out, "resource limits"), ", ")
}

// task is one run of a tool, as the child is told of it.
type task struct {
	Tool  string   `json:"tool,omitempty"` // absolute path without links; empty: report the walls instead of running anything
	Args  []string `json:"args,omitempty"`
	Env   []string `json:"env,omitempty"`
	Read  []string `json:"read,omitempty"` // files, and folders with all below, that may be read
	Exec  []string `json:"exec,omitempty"` // files that may be executed
	Own   string   `json:"own,omitempty"`  // the tool is this program itself, which is to do this
	Walls Walls    `json:"walls"`          // that stood when they were tried; the tool is not run with fewer
	CPU   uint64   `json:"cpu"`            // s
	AS    uint64   `json:"as"`             // bytes
	FSize uint64   `json:"fsize"`          // bytes
}

// cage runs tools in children of this program under limits.
type cage struct {
	command []string // what starts the child; the task is added as the last argument
	walls   Walls
	limits  Limits
}

// newCage finds out which walls stand here.
func newCage(ctx context.Context, command []string, limits Limits) (*cage, error) {
	limits.setDefaults()
	c := &cage{command: command, limits: limits}
	var errs []error
	for _, namespaces := range []bool{true, false} {
		c.walls = Walls{Namespaces: namespaces}
		var out bounded
		out.left = 4 << 10
		end, err := c.run(ctx, task{}, nil, &out)
		if err == nil && end.code != 0 {
			err = fmt.Errorf("it ended with %d", end.code)
		}
		if err == nil {
			err = json.Unmarshal(out.Bytes(), &c.walls)
		}
		if err == nil {
			c.walls.Namespaces = namespaces
			return c, nil
		}
		errs = append(errs, fmt.Errorf("probe child (namespaces: %v): %w", namespaces, err))
	}
	return nil, errors.Join(errs...)
}

// ending is how a run ended.
type ending struct {
	code     int  // exit code; -1: by a signal
	signal   int  // that signal
	deadline bool // by us, since its time was over
	full     bool // by us, since it wrote more than was wanted
	said     string
}

// run performs one task. stdin is read from its beginning; stdout is a file, which the size limit bounds, or a bounded buffer. Nothing of
// the run is left when it returns. The error is about us: the child could not be started or walled in, or ctx is done.
func (c *cage) run(ctx context.Context, t task, stdin *os.File, stdout io.Writer) (ending, error) {
	t.CPU, t.AS, t.FSize = uint64((c.limits.CPU+time.Second-1)/time.Second), uint64(c.limits.Memory), uint64(c.limits.Output)
	if t.Tool != "" {
		t.Walls = c.walls
	}
	told, err := json.Marshal(t)
	if err != nil {
		return ending{}, fmt.Errorf("encode task: %w", err)
	}
	if stdin != nil {
		if _, err := stdin.Seek(0, io.SeekStart); err != nil {
			return ending{}, fmt.Errorf("rewind input: %w", err)
		}
	}
	limited, cancel := context.WithTimeout(ctx, c.limits.Wall)
	defer cancel()
	if b, ok := stdout.(*bounded); ok {
		b.full = cancel
	}
	said := &bounded{left: 4 << 10, quiet: true}
	cmd := exec.CommandContext(limited, c.command[0], slices.Concat(c.command[1:], []string{string(told)})...)
	cmd.Env, cmd.Dir = childEnv, "/"
	cmd.Stdout, cmd.Stderr = stdout, said
	if stdin != nil {
		cmd.Stdin = stdin
	}
	cmd.WaitDelay = 2 * time.Second // for pipes; nothing else can hold them open
	if err := c.confine(cmd); err != nil {
		return ending{}, err
	}
	fault, err := c.start(cmd)
	if cmd.ProcessState == nil {
		return ending{}, errors.Join(ctx.Err(), fmt.Errorf("start child: %w", err))
	}
	wanted := "" // by who only asks for the walls
	if t.Tool != "" {
		wanted = leaping
	}
	end := ending{code: cmd.ProcessState.ExitCode(), signal: signalOf(cmd.ProcessState), said: said.String()}
	b, _ := stdout.(*bounded)
	switch {
	case ctx.Err() != nil:
		return end, ctx.Err()
	case err != nil:
		return end, fmt.Errorf("end child: %w", err)
	case fault == "" && wanted != "" && errors.Is(limited.Err(), context.DeadlineExceeded): // before it had become its tool, on a slow machine
		end.deadline = true
	case fault != wanted:
		return end, fmt.Errorf("child could not become its tool: %q, exit %d, signal %d", fault, end.code, end.signal)
	case b != nil && b.over:
		end.full = true
	case errors.Is(limited.Err(), context.DeadlineExceeded):
		end.deadline = true
	}
	return end, nil
}

// childEnv is for the Go runtime of the child, before it becomes its tool (which has an environment of its own): one processor, no
// collector, no preemption, so that nothing runs beside the one goroutine that walls itself in.
var childEnv = []string{"GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1"}

// leaping is what the child reports when all is ready and it becomes its tool; what follows it is what went wrong with that.
const leaping = "+"

// start starts the child and waits for its end. The child reports what kept it from running its tool through a pipe of its own that the
// tool never sees, so that no tool can speak for it. How the tool ended stands in cmd.ProcessState; the error is about us.
func (c *cage) start(cmd *exec.Cmd) (fault string, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("make pipe: %w", err)
	}
	cmd.ExtraFiles = []*os.File{w}
	// The child dies with the thread that started it (PR_SET_PDEATHSIG), so that a killed daemon leaves none behind.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return "", errors.Join(err, r.Close(), w.Close())
	}
	closed := w.Close()
	report := make(chan string, 1)
	go func() {
		b, err := io.ReadAll(io.LimitReader(r, 4<<10))
		if err != nil {
			b = append(b, err.Error()...)
		}
		report <- string(b)
	}()
	swept := endGroup(cmd)
	waited := cmd.Wait()
	if cmd.ProcessState != nil {
		waited = nil
	}
	fault = <-report
	return fault, errors.Join(swept, waited, closed, r.Close())
}

// bounded is a buffer that takes only so much. What is more stops the writer, or is dropped when quiet.
type bounded struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	left int
	over bool
	full func()

	quiet bool
}

func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(p), b.left)
	b.left -= n
	b.buf.Write(p[:n])
	if n == len(p) || b.quiet {
		return len(p), nil
	}
	b.over = true
	if b.full != nil {
		b.full()
	}
	return n, io.ErrShortWrite
}

func (b *bounded) Bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Bytes()
}

func (b *bounded) String() string { return string(b.Bytes()) }
