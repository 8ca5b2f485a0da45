package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/giaolien/giaolien/parser/pdfsign"
)

// What this program does of its own behind the walls. Its code for PDF is bounded, but it meets what forgers wrote.
const (
	ownNothing    = "nothing" // show that it can be run
	ownSignatures = "signatures"
)

// signatureReader is the name of this program as a tool, and the version of what it says: its number grows when the same file may get
// another report.
const (
	signatureReader        = "pdfsign"
	signatureReaderVersion = "1"
)

// ownPath is this program, also when its file was replaced meanwhile. The child resolves it, and is this program.
const ownPath = "/proc/self/exe"

// findOwn finds out whether this program can be run behind its own walls.
func (r *Reader) findOwn(ctx context.Context) (Program, error) {
	t := Program{Name: signatureReader, Path: ownPath, Version: signatureReaderVersion, exec: []string{ownPath}}
	if r.cage == nil {
		t.Why = "cannot be locked up here: " + r.uncaged.Error()
		return t, nil
	}
	loader, err := interpreter(r.options.Command[0])
	if err != nil {
		t.Why = "is no program of this system: " + err.Error()
		return t, nil
	}
	if loader != "" {
		t.exec = append(t.exec, loader)
	}
	end, err := r.cage.run(ctx, r.ownTask(t, ownNothing), nil, &bounded{left: 1})
	switch {
	case ctx.Err() != nil:
		return t, ctx.Err()
	case err != nil:
		t.Why = "cannot be run in a child: " + err.Error()
	case end.code != 0:
		t.Why = fmt.Sprintf("cannot be run in a child: exit %d, signal %d", end.code, end.signal)
	default:
		t.Usable = true
	}
	return t, nil
}

// ownTask is a run of this program with all that it may see and know: nothing but itself and its input.
func (r *Reader) ownTask(t Program, what string) task {
	env := []string{"GOMAXPROCS=1", "GOTRACEBACK=none", "GOMEMLIMIT=" + strconv.FormatInt(r.options.Limits.Memory/4*3, 10)}
	read := t.exec
	if len(t.exec) > 1 { // it has a loader, and so libraries
		read = append(readable(), t.exec...)
	}
	args := slices.Concat(r.options.Command[1:], []string{`{"own":"` + what + `"}`})
	return task{Tool: t.Path, Own: what, Args: args, Env: env, Read: read, Exec: t.exec}
}

// perform does it, behind the walls.
func perform(what string, in *os.File, out io.Writer) error {
	switch what {
	case ownNothing:
		return nil
	case ownSignatures:
		s, err := in.Stat()
		if err != nil {
			return fmt.Errorf("look at input: %w", err)
		}
		rep, err := pdfsign.Read(in, s.Size(), pdfsign.DefaultLimits)
		if err != nil {
			return err
		}
		return writeReport(out, &rep)
	}
	return errors.New("no such work")
}
