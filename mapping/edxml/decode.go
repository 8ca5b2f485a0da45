package edxml

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Kind of a package.
type Kind string

// Kinds.
const (
	KindEdoc   Kind = "edoc"
	KindStatus Kind = "status"
)

// Package is what was read of a package.
type Package struct {
	Kind     Kind   // empty when it is none that could be read
	Edoc     Edoc   // of an edoc
	Status   Status // of a status
	Findings []Finding
}

// Refused says whether the package cannot be taken: one of its findings is a fault.
func (p *Package) Refused() bool { return Refused(p.Findings) }

// Sink takes the decoded contents of a file, whose place in Edoc.Files index will be. Name and damage are known only when the whole package
// was read; what the sink leaves unread is passed over. Reading ends with io.EOF and never fails.
type Sink func(index int, contents io.Reader) error

// Decode reads a package leniently: elements in any order, under any prefix and namespace, empty ones as absent, dates in any usual form.
// Contents of files go to the sink, or nowhere when it is nil. It holds no more in memory than limits.Markup allows, a few times over.
// An error is one of reading r or of the sink; what is wrong with the package is in its findings.
func Decode(r io.Reader, limits Limits, sink Sink) (Package, error) {
	limits = limits.withDefaults()
	d := decoding{s: newSource(r, limits), limits: limits, sink: sink}
	if err := d.walk(); err != nil {
		return Package{}, fmt.Errorf("decode package: %w", err)
	}
	if d.s.raw.err != nil {
		return Package{}, fmt.Errorf("decode package: %w", d.s.raw.err)
	}
	return d.finish(), nil
}

// decoding is one package while it is read.
type decoding struct {
	report
	s        *source
	limits   Limits
	sink     Sink
	root     *element
	now      *element // innermost open element
	names    []string // of the open elements, as written
	elements int
	files    []*payload
	at       []*element // where each file stood
}

// walk goes through the tokens up to the end of the root element. What follows it is none of ours.
func (d *decoding) walk() error {
	x := xml.NewDecoder(d.s)
	x.Strict = false                                                                     // bears a bare &; elements are matched here
	x.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // source has done it
	for {
		token, err := x.RawToken()
		if err != nil {
			d.broken(err)
			return nil
		}
		more := true
		switch t := token.(type) {
		case xml.Directive:
			if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(string(t))), "DOCTYPE") {
				d.add(Doctype, Fault, "", "")
				d.root, d.files, d.at = nil, nil, nil
				return nil
			}
		case xml.StartElement:
			if more, err = d.open(t.Name.Local); err != nil {
				return err
			}
		case xml.CharData:
			if d.now != nil {
				d.now.text = append(d.now.text, t...)
			}
		case xml.EndElement:
			more = d.close(t.Name.Local)
		}
		if !more {
			return nil
		}
	}
}

// broken notes why there are no more tokens.
func (d *decoding) broken(err error) {
	switch {
	case d.s.full || d.s.raw.over:
		d.add(TooLarge, Fault, "", "")
	case !d.s.inked:
		d.add(Empty, Fault, "", "")
	case !d.s.begun:
		d.add(NotEdxml, Fault, "", "")
	case !errors.Is(err, io.EOF) || d.now != nil || d.root == nil:
		d.add(NotWellFormed, Fault, "", "")
	}
}

// open begins an element, and reads the contents of a file to their end. It reports false when no more is to be read.
func (d *decoding) open(local string) (bool, error) {
	if d.elements++; d.elements > maxElements {
		d.add(TooMany, Fault, "", "")
		return false, nil
	}
	if len(d.names) == maxDepth {
		d.add(TooDeep, Fault, "", "")
		return false, nil
	}
	e := &element{name: known(local), path: shown(local), up: d.now}
	if d.now == nil {
		d.root = e
	} else {
		d.now.kids = append(d.now.kids, e)
		if d.now.up != nil && !anchor(e.name) {
			e.path = d.now.path + "/" + e.path
		}
	}
	d.now, d.names = e, append(d.names, local)
	if e.name == "contenttransferencoded" {
		return d.contents(e)
	}
	return true, nil
}

// close ends the innermost element, which must be of that name.
func (d *decoding) close(local string) bool {
	last := len(d.names) - 1
	if last < 0 || d.names[last] != local {
		d.add(NotWellFormed, Fault, "", "")
		return false
	}
	d.names, d.now = d.names[:last], d.now.up
	return last > 0
}

// contents hands a file to the sink.
func (d *decoding) contents(e *element) (bool, error) {
	if len(d.files) == d.limits.Files {
		d.add(TooMany, Fault, "AttachmentEncoded", "")
		return false, nil
	}
	p := &payload{s: d.s, left: d.limits.File, done: d.s.selfClosed()}
	d.files, d.at = append(d.files, p), append(d.at, e)
	e.file, e.used = len(d.files), true
	if d.sink != nil {
		if err := d.sink(len(d.files)-1, p); err != nil {
			return false, fmt.Errorf("file %d: %w", len(d.files)-1, err)
		}
	}
	p.drain()
	return true, nil
}

// finish makes a package of what was read.
func (d *decoding) finish() Package {
	if d.s.junk && d.s.begun {
		d.add(LeadingBytes, Notice, "", "")
	}
	if d.s.loose {
		d.add(BareAmpersand, Notice, "", "")
	}
	t := taker{report: &d.report}
	p := t.take(d.root)
	if p.Kind == KindEdoc {
		t.files(&p.Edoc, d)
	}
	if p.Kind == "" && !Refused(d.list) {
		d.add(NotEdxml, Fault, "", "")
	}
	p.Edoc.Secrecy, p.Status.Secrecy = secrecy("", p.Edoc.fields()), secrecy("", p.Status.fields())
	c := checks{report: d.report}
	switch {
	case Refused(d.list): // what is missing is then no news
	case p.Kind == KindEdoc:
		d.root.unknown(func(path string) { c.add(UnknownElement, Notice, path, "") })
		c.edoc(&p.Edoc)
	case p.Kind == KindStatus:
		d.root.unknown(func(path string) { c.add(UnknownElement, Notice, path, "") })
		c.status(&p.Status)
	}
	d.report = c.report
	p.Findings = d.list
	return p
}
