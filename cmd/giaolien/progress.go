package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// progress is one line that is written over, on a terminal only.
type progress struct {
	out   io.Writer
	shown bool
}

func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{out: w}
	}
	return &progress{out: nil}
}

// show says how far it is; of is 0 when the end is not known.
func (p *progress) show(what string, n, of int) {
	if p.out == nil {
		return
	}
	p.shown = true
	if of > 0 {
		fmt.Fprintf(p.out, "\r%s %d/%d\x1b[K", what, n, of)
		return
	}
	fmt.Fprintf(p.out, "\r%s %d\x1b[K", what, n)
}

func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
