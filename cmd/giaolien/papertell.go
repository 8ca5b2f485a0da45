package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/register"
)

// formFlags are the flags whose names are not those of their fields.
var formFlags = map[string]string{"so_hieu": "so-hieu", "ngay_ban_hanh": "ngay", "trich_yeu": "trich-yeu", "nguoi_ky": "signer", "do_khan": "urgency", "do_mat": "secrecy",
	"stamped_at": "stamped-at"}

// formWords say what is wrong with a field.
var formWords = map[bridge.FormCode]string{
	bridge.FormMissing: "is missing",
	bridge.FormInvalid: "is not written as it must be",
	bridge.FormUnknown: "is not known",
	bridge.FormFuture:  "lies in the future: after now, or after the stamp",
	bridge.FormTooLong: "is too long",
	bridge.FormSecret:  "is not taken of a document with a độ mật: its words stay on the paper; give sender, stamp and mark only",
}

// formHints say how a field is written, or where its values come from.
var formHints = map[bridge.FormFault]string{
	{Field: "stamped_at", Code: bridge.FormInvalid}:    "2026-11-22T09:30 or 22/11/2026 09:30",
	{Field: "so_hieu", Code: bridge.FormInvalid}:       "12/SNV-VP, 28/2018/QĐ-TTg or 06-CTr/TU",
	{Field: "ngay_ban_hanh", Code: bridge.FormInvalid}: "a day that exists, as 2026-11-20 or 20/11/2026",
	{Field: "loai", Code: bridge.FormInvalid}:          "the abbreviation or the name of a type: CV, Công văn",
	{Field: "trich_yeu", Code: bridge.FormInvalid}:     "words",
	{Field: "do_khan", Code: bridge.FormInvalid}:       "khan, thuong-khan, hoa-toc",
	{Field: "do_mat", Code: bridge.FormInvalid}:        "mat, toi-mat, tuyet-mat",
	{Field: "seal", Code: bridge.FormInvalid}:          "red, digital, none",
	{Field: "scan", Code: bridge.FormInvalid}:          "a PDF, PNG, JPEG or TIFF",
	{Field: "scan", Code: bridge.FormTooLong}:          "at most 200 MB",
	{Field: "receiver", Code: bridge.FormUnknown}:      "[[agency]] id in the configuration names one",
	{Field: "agency", Code: bridge.FormUnknown}:        "name it by id, code or alias of the directory in force on the day of the stamp, or leave it out and write --author",
	{Field: "agency", Code: bridge.FormMissing}:        "or --author, when the directory does not have it",
	{Field: "joins", Code: bridge.FormUnknown}:         "no record in the register of that receiving agency",
}

// formError tells all faults of a form in one line.
func formError(faults []bridge.FormFault) error {
	if len(faults) == 0 {
		return nil
	}
	lines := make([]string, len(faults))
	for i, f := range faults {
		lines[i] = "--" + cmp.Or(formFlags[f.Field], f.Field) + " " + formWords[f.Code]
		if hint := formHints[f]; hint != "" {
			lines[i] += " (" + hint + ")"
		}
	}
	return usageError{errors.New("paper add: " + strings.Join(slices.Compact(lines), "; "))}
}

// oldStamp is how long ago a paper can have been stamped before the clerk is asked to look at the date again: in January the old year is easily
// typed, and the stamp is what counts for a cutoff.
const oldStamp = 60 * 24 * time.Hour

func warnOldStamp(w io.Writer, stamped, now time.Time) {
	if now.Sub(stamped) > oldStamp {
		fmt.Fprintf(w, "warning: the stamp ĐẾN is of %s, %d days ago; look at the year (amend --set stamped_at=… corrects it)\n", vnTime(stamped), int(now.Sub(stamped).Hours()/24))
	}
}

// addedPaper is what became of a paper.
type addedPaper struct {
	Receipt  string        `json:"receipt"`
	Known    bool          `json:"known"` // it was entered before; nothing was added
	State    bridge.State  `json:"state"`
	Reason   string        `json:"reason"`
	Verdict  string        `json:"verdict"`
	Rule     string        `json:"rule"`
	Record   string        `json:"record"`
	SoDen    string        `json:"so_den"` // in the open book or, of a secret, in the secret one
	Book     register.Kind `json:"book"`   // of that number; empty: none was given
	JoinedTo string        `json:"joined_to"`
	Missing  []string      `json:"missing"`
	Doubts   []string      `json:"doubts"`
	Notices  []paperNotice `json:"notices"`
}

type paperNotice struct {
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	State string `json:"state"`
	To    string `json:"to"`
}

// added reads what became of a paper.
func (a *app) added(ctx context.Context, put bridge.Put) (addedPaper, error) {
	e, err := a.store.Explain(ctx, put.Receipt)
	p := addedPaper{Receipt: put.Receipt, Known: put.Known, State: e.State, Reason: e.Reason, Missing: []string{}, Doubts: []string{}, Notices: []paperNotice{}}
	if err != nil || len(e.Outcomes) == 0 {
		return p, err
	}
	o := e.Outcomes[len(e.Outcomes)-1].Outcome
	p.Verdict, p.Rule = string(o.Decision.Verdict), o.Decision.Rule
	if len(o.Records) > 0 {
		p.Doubts = append(p.Doubts, o.Records[0].Doubts...)
	}
	if len(e.Records) > 0 {
		r := e.Records[0]
		p.Record, p.SoDen, p.JoinedTo = r.ID, r.SoDen, r.JoinedTo
		p.Missing = append(p.Missing, r.Missing...)
	}
	for _, n := range e.Notices {
		p.Notices = append(p.Notices, paperNotice{ID: n.ID, Kind: string(n.Kind), State: n.State, To: n.To})
	}
	if p.SoDen != "" {
		p.Book = register.Incoming
		return p, nil
	}
	lines, err := a.linesOf(ctx, e)
	for _, l := range lines { // the number that the clerk writes beside the stamp
		p.Book, p.SoDen = l.Kind, fmt.Sprintf("%d/%d", l.Number, l.Year)
	}
	return p, err
}

// tellPaper prints receipt, state, verdict and số đến, and what the sender is told.
func (a *app) tellPaper(ctx context.Context, put bridge.Put, asJSON bool) error {
	p, err := a.added(ctx, put)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(a.std.out).Encode(p)
	}
	if p.Known {
		return nil
	}
	book := ""
	if p.Book == register.Secret {
		book = " (sổ mật)"
	}
	fmt.Fprintf(a.std.out, "%s  %s  %s  kết luận %s  số đến %s%s\n", p.Receipt, p.State, dash(p.Reason), dash(p.Verdict), dash(p.SoDen), book)
	if p.JoinedTo != "" {
		fmt.Fprintf(a.std.out, "  gộp vào hồ sơ %s\n", p.JoinedTo)
	}
	if len(p.Missing) > 0 {
		fmt.Fprintf(a.std.out, "  còn thiếu %s\n", strings.Join(p.Missing, ", "))
	}
	for _, code := range p.Doubts {
		fmt.Fprintf(a.std.out, "  nghi vấn: %s  %s\n", code, doubtInWords[code])
	}
	for _, n := range p.Notices {
		fmt.Fprintf(a.std.out, "  thông báo %s  %s  %s\n", n.ID, n.State, n.To)
	}
	if words := reasonInWords[p.Reason]; words != "" {
		fmt.Fprintf(a.std.out, "  vì: %s\n", words)
	}
	return nil
}
