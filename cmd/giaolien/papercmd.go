package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/vanban"
)

type paperCommand struct {
	Add paperAddCommand `cmd:"" help:"Register a document that came on paper, by the same rules, in the same book."`
}

// paperAddCommand takes in one document on paper as a clerk types it. The stamp ĐẾN gives the instant that counts.
type paperAddCommand struct {
	Receiver  string `required:"" help:"Receiving agency whose stamp the paper bears."`
	StampedAt string `required:"" placeholder:"2026-11-22T09:30" help:"Day and hour of the stamp ĐẾN, in Vietnam; also 22/11/2026 09:30."`
	Agency    string `help:"Sender: id, code or alias of the directory. It is told at its official mailbox there."`
	Author    string `help:"Cơ quan ban hành as printed; required when the sender is not in the directory."`
	SoHieu    string `name:"so-hieu" help:"Số, ký hiệu as printed, e.g. 12/SNV-VP."`
	Ngay      string `name:"ngay" placeholder:"2026-11-20" help:"Date of the document, also 20/11/2026."`
	Loai      string `name:"loai" help:"Type: abbreviation or name, e.g. CV."`
	TrichYeu  string `name:"trich-yeu" help:"Trích yếu as printed."`
	Signer    string `help:"Who signed it."`
	Urgency   string `help:"Độ khẩn: khan, thuong-khan, hoa-toc."`
	Secrecy   string `help:"Độ mật: mat, toi-mat, tuyet-mat. Such a paper goes into the secret book; its words are not typed, and it is not scanned."`
	Seal      string `help:"Seal on the paper: red, digital (printed), none."`
	Pages     int    `help:"Number of pages."`
	Scan      string `type:"existingfile" placeholder:"FILE" help:"Scan: PDF, PNG, JPEG or TIFF."`

	Electronic   bool   `xor:"electronic" help:"The electronic file of the document was handed over as well (a scan made here is none)."`
	NoElectronic bool   `xor:"electronic" help:"No electronic file was handed over."`
	Joins        string `placeholder:"RECORD" help:"It is the document of this record of the register, whatever the rules say, e.g. GL-2026-0000123/1."`
	Again        bool   `help:"Enter it although a paper with this stamp, sender and number was entered before."`
	By           string `help:"Who enters it; default: the name of the login."`
	JSON         bool   `help:"Print as JSON: receipt, state, reason, verdict, số đến, notices."`
}

func (c *paperAddCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	scan, err := openScan(c.Scan)
	if err != nil {
		return err
	}
	defer scan.close()
	form, err := a.paperForm(ctx, c, scan)
	if err != nil {
		return err
	}
	warnOldStamp(std.err, form.StampedAt, time.Now())
	put, err := a.takePaper(ctx, form, scan)
	if err != nil {
		return err
	}
	e, err := a.store.Explain(ctx, put.Receipt)
	if err == nil && len(e.Outcomes) == 0 { // also what an earlier call that was broken off left behind
		err = a.settleOne(ctx, put.Receipt, 0)
	}
	if err != nil {
		return fmt.Errorf("paper add: %s is stored and will be decided by the daemon or the next drain: %w", put.Receipt, err)
	}
	if err := a.tellPaper(ctx, put, c.JSON); err != nil || !put.Known {
		return err
	}
	return fmt.Errorf("paper add: a paper with this stamp, sender and number was entered before, as %s; to enter another one: --again", put.Receipt)
}

// paperForm is what was typed, checked whole: all faults are told at once.
func (a *app) paperForm(ctx context.Context, c *paperAddCommand, scan *scanFile) (bridge.PaperForm, error) {
	k, err := a.activated(ctx)
	if err != nil {
		return bridge.PaperForm{}, err
	}
	form, stampRead, err := c.form(time.Now())
	if err != nil {
		return form, err
	}
	form = form.Typed(k.Directory)
	checks := bridge.FormChecks{Now: form.EnteredAt, Directory: k.Directory, Scan: scan.facts()}
	for _, g := range a.config.Agencies {
		checks.Receivers = append(checks.Receivers, g.ID)
	}
	found := form.Faults(checks)
	if !stampRead {
		found = append(slices.DeleteFunc(found, func(f bridge.FormFault) bool { return f.Field == "stamped_at" }), bridge.FormFault{Field: "stamped_at", Code: bridge.FormInvalid})
	}
	switch {
	case c.Joins == "":
	case form.Secrecy != "":
		found = append(found, bridge.FormFault{Field: "joins", Code: bridge.FormSecret})
	default:
		var known bool
		if form.Joins, form.JoinsKey, known, err = a.standingKey(ctx, c.Joins, form.Receiver); err != nil {
			return form, err
		}
		if !known {
			found = append(found, bridge.FormFault{Field: "joins", Code: bridge.FormUnknown})
		}
	}
	return form, formError(found)
}

// form is what was typed, as it was typed, and whether the stamp could be read.
func (c *paperAddCommand) form(now time.Time) (f bridge.PaperForm, stampRead bool, err error) {
	by := c.By
	if by == "" {
		if by, err = person(""); err != nil {
			return f, false, err
		}
	}
	stamped, stampRead := bridge.ParseStamp(c.StampedAt)
	f = bridge.PaperForm{Receiver: c.Receiver, StampedAt: stamped, EnteredAt: now.UTC(), By: by, Agency: c.Agency, Author: c.Author, Number: c.SoHieu, Date: c.Ngay,
		Type: c.Loai, Subject: c.TrichYeu, Signer: c.Signer, Urgency: vanban.Urgency(c.Urgency), Secrecy: vanban.Secrecy(c.Secrecy),
		Paper: mapping.Paper{Seal: c.Seal, Pages: c.Pages}, Again: c.Again}
	if c.Electronic || c.NoElectronic {
		f.Electronic = &c.Electronic
	}
	return f, stampRead, nil
}

// standingKey finds the record of the register that a paper is said to be of, and a key that it stands under.
func (a *app) standingKey(ctx context.Context, record, receiver string) (id, key string, known bool, err error) {
	receipt, _, whole := strings.Cut(record, "/")
	if !whole {
		record += "/1"
	}
	e, err := a.store.Explain(ctx, receipt)
	if errors.Is(err, bridge.ErrNotFound) {
		return "", "", false, nil
	}
	if err != nil {
		return "", "", false, err
	}
	for _, r := range e.Records {
		if r.ID == record && r.State == bridge.Registered && e.Receipt.Receiver == receiver && len(r.Keys) > 0 {
			return record, r.Keys[0], true, nil
		}
	}
	return "", "", false, nil
}

// takePaper makes the form and its scan durable, as one.
func (a *app) takePaper(ctx context.Context, form bridge.PaperForm, scan *scanFile) (bridge.Put, error) {
	door := a.door()
	in := door.Archive.Begin()
	if err := bridge.WritePaper(in, form, scan.paper()); err != nil {
		in.Discard()
		return bridge.Put{}, err
	}
	sealed, err := in.Seal()
	if err != nil {
		return bridge.Put{}, fmt.Errorf("store paper: %w", err)
	}
	puts, err := door.Accept(ctx, bridge.Fence{}, []bridge.Arrival{form.Arrival(sealed)})
	if err != nil {
		return bridge.Put{}, fmt.Errorf("store paper: %w", err)
	}
	return puts[0], nil
}

// scanFile is the scan of a paper while it is taken in; nil: there is none.
type scanFile struct {
	file *os.File
	read *bufio.Reader
	head []byte
	size int64
}

// openScan opens a scan and looks at its beginning.
func openScan(name string) (*scanFile, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open scan: %w", err)
	}
	s := &scanFile{file: f, read: bufio.NewReader(f)}
	info, err := f.Stat()
	if err == nil {
		s.size = info.Size()
		if s.head, err = s.read.Peek(8); errors.Is(err, io.EOF) { // it is shorter
			err = nil
		}
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("read scan: %w", err)
	}
	return s, nil
}

// close gives a file back that was only read.
func (s *scanFile) close() {
	if s != nil {
		s.file.Close()
	}
}

func (s *scanFile) facts() *bridge.ScanFacts {
	if s == nil {
		return nil
	}
	return &bridge.ScanFacts{Head: s.head, Size: s.size}
}

func (s *scanFile) paper() *bridge.PaperScan {
	if s == nil {
		return nil
	}
	return &bridge.PaperScan{Name: filepath.Base(s.file.Name()), Type: bridge.ScanType(s.head), Content: s.read}
}
