package main

import (
	"bufio"
	"cmp"
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
	StampedAt string `required:"" placeholder:"2026-11-22T09:30" help:"Day and hour of the stamp ĐẾN, in Vietnam."`
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
}

func (c *paperAddCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	if !a.hasReceiver(c.Receiver) {
		return usageError{fmt.Errorf("paper add: receiving agency %q is not in %s; [[agency]] id names one", c.Receiver, common.Config)}
	}
	form, err := c.form(time.Now())
	if err != nil {
		return err
	}
	if form.Agency, err = a.agencyAt(ctx, c.Agency, form.StampedAt); err != nil {
		return err
	}
	if err := formError(form.Faults(time.Now(), c.Scan != "")); err != nil {
		return err
	}
	if form.Joins, form.JoinsKey, err = a.standingKey(ctx, c.Joins, c.Receiver); err != nil {
		return err
	}
	put, err := a.takePaper(ctx, form, c.Scan)
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
	if put.Known {
		return fmt.Errorf("paper add: a paper with this stamp, sender and number was entered before, as %s; to enter another one: --again", put.Receipt)
	}
	return a.tellPaper(ctx, put.Receipt)
}

// form is what was typed, but for the sender and the record, which the database must be asked about.
func (c *paperAddCommand) form(now time.Time) (bridge.PaperForm, error) {
	by, err := person(c.By)
	if err != nil {
		return bridge.PaperForm{}, err
	}
	stamped, err := stampTime(c.StampedAt)
	if err != nil {
		return bridge.PaperForm{}, err
	}
	f := bridge.PaperForm{Receiver: c.Receiver, StampedAt: stamped.UTC(), EnteredAt: now.UTC(), By: by, Agency: c.Agency, Author: trim(c.Author), Number: trim(c.SoHieu), Date: trim(c.Ngay),
		Type: trim(c.Loai), Subject: trim(c.TrichYeu), Signer: trim(c.Signer), Urgency: vanban.Urgency(c.Urgency), Secrecy: vanban.Secrecy(c.Secrecy),
		Paper: mapping.Paper{Seal: c.Seal, Pages: c.Pages}, Again: c.Again}
	if c.Electronic || c.NoElectronic {
		f.Electronic = &c.Electronic
	}
	for _, checked := range []struct {
		flag, field string
		value       *string
	}{{"ngay", "ngay_ban_hanh", &f.Date}, {"so-hieu", "so_hieu", &f.Number}, {"trich-yeu", "trich_yeu", &f.Subject}, {"loai", typeField(f.Type), &f.Type}} {
		if *checked.value == "" {
			continue
		}
		normal, err := vanban.Check(checked.field, *checked.value)
		if err != nil {
			return f, usageError{fmt.Errorf("paper add: --%s: %w", checked.flag, err)}
		}
		*checked.value = normal
	}
	return f, nil
}

func trim(s string) string { return strings.Join(strings.Fields(s), " ") }

// typeField says whether a type is written by its name or, as nobody writes a name in capitals, by its abbreviation.
func typeField(s string) string {
	if strings.ContainsRune(s, ' ') || s != strings.ToUpper(s) {
		return "loai_van_ban"
	}
	return "loai_viet_tat"
}

// stampTime reads the stamp as a clerk writes it, in Vietnam, or as RFC 3339.
func stampTime(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, vietnam); err == nil {
			return t, nil
		}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, usageError{fmt.Errorf("paper add: --stamped-at %q is no time; write it as 2026-11-22T09:30", s)}
	}
	return t, nil
}

// agencyAt gives the id of an agency of the directory that is in force.
func (a *app) agencyAt(ctx context.Context, code string, at time.Time) (string, error) {
	if code == "" {
		return "", nil
	}
	k, err := a.activated(ctx)
	if err != nil {
		return "", err
	}
	agency, ok := k.Directory.Find(code, at)
	if !ok {
		return "", usageError{fmt.Errorf("paper add: --agency %q is not in the directory that is in force; name it by id, code or alias as in %s, or leave it out and write --author", code, a.config.Directory.File)}
	}
	return agency.ID, nil
}

// standingKey finds the record that a paper is said to be of, and a key that it stands under.
func (a *app) standingKey(ctx context.Context, record, receiver string) (id, key string, err error) {
	if record == "" {
		return "", "", nil
	}
	receipt, _, whole := strings.Cut(record, "/")
	if !whole {
		record += "/1"
	}
	e, err := a.store.Explain(ctx, receipt)
	if err != nil {
		return "", "", usageError{fmt.Errorf("paper add: --joins: %w", err)}
	}
	for _, r := range e.Records {
		if r.ID == record && r.State == bridge.Registered && e.Receipt.Receiver == receiver && len(r.Keys) > 0 {
			return record, r.Keys[0], nil
		}
	}
	return "", "", usageError{fmt.Errorf("paper add: --joins %s is no record of a document in the register of %s", record, receiver)}
}

// maxScan bounds a scan, in bytes.
const maxScan = 200 << 20

// takePaper makes the form and its scan durable, as one.
func (a *app) takePaper(ctx context.Context, form bridge.PaperForm, file string) (bridge.Put, error) {
	door := a.door()
	in := door.Archive.Begin()
	if err := writePaper(in, form, file); err != nil {
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

func writePaper(w io.Writer, form bridge.PaperForm, file string) error {
	if file == "" {
		return bridge.WritePaper(w, form, nil)
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("open scan: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open scan: %w", err)
	}
	r := bufio.NewReader(f)
	head, err := r.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read scan: %w", err)
	}
	kind := bridge.ScanType(head)
	switch {
	case kind == "":
		return usageError{errors.New("paper add: --scan is neither PDF nor PNG, JPEG or TIFF")}
	case info.Size() > maxScan:
		return usageError{fmt.Errorf("paper add: --scan has %d MB; at most %d are taken", info.Size()>>20, maxScan>>20)}
	}
	return bridge.WritePaper(w, form, &bridge.PaperScan{Name: filepath.Base(file), Type: kind, Content: r})
}

// formFlags are the flags whose names are not those of their fields.
var formFlags = map[string]string{"so_hieu": "so-hieu", "ngay_ban_hanh": "ngay", "trich_yeu": "trich-yeu", "nguoi_ky": "signer", "do_khan": "urgency", "do_mat": "secrecy",
	"stamped_at": "stamped-at"}

// formWords say what is wrong with a field.
var formWords = map[bridge.FormCode]string{
	bridge.FormMissing: "is missing",
	bridge.FormInvalid: "is not written as it must be (see --help)",
	bridge.FormFuture:  "lies in the future: after now, or after the stamp",
	bridge.FormTooLong: "is too long",
	bridge.FormSecret:  "is not taken of a document with a độ mật: its words stay on the paper; give sender, stamp and mark only",
}

// formError tells all faults of a form in one line.
func formError(faults []bridge.FormFault) error {
	if len(faults) == 0 {
		return nil
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = "--" + cmp.Or(formFlags[f.Field], f.Field) + " " + formWords[f.Code]
	}
	return usageError{errors.New("paper add: " + strings.Join(slices.Compact(lines), "; "))}
}

// tellPaper prints receipt, state, verdict and số đến, and what the sender is told.
func (a *app) tellPaper(ctx context.Context, receipt string) error {
	e, err := a.store.Explain(ctx, receipt)
	if err != nil {
		return err
	}
	if len(e.Outcomes) == 0 || len(e.Records) == 0 {
		fmt.Fprintf(a.std.out, "%s  %s  %s\n", receipt, e.State, e.Reason)
		return nil
	}
	o := e.Outcomes[len(e.Outcomes)-1].Outcome
	r := e.Records[0]
	fmt.Fprintf(a.std.out, "%s  %s  %s  kết luận %s  số đến %s\n", receipt, e.State, dash(e.Reason), dash(string(o.Decision.Verdict)), dash(r.SoDen))
	if r.JoinedTo != "" {
		fmt.Fprintf(a.std.out, "  gộp vào hồ sơ %s\n", r.JoinedTo)
	}
	if len(r.Missing) > 0 {
		fmt.Fprintf(a.std.out, "  còn thiếu %s\n", strings.Join(r.Missing, ", "))
	}
	for _, n := range e.Notices {
		fmt.Fprintf(a.std.out, "  thông báo %s  %s  %s\n", n.ID, n.State, n.To)
	}
	if words := reasonInWords[e.Reason]; words != "" {
		fmt.Fprintf(a.std.out, "  vì: %s\n", words)
	}
	return nil
}
