package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping"
)

// explainCommand tells all about one receipt.
type explainCommand struct {
	JSON    bool   `help:"Print as JSON."`
	Receipt string `arg:"" help:"Receipt, e.g. GL-2026-0000123."`
}

func (c *explainCommand) Run(ctx context.Context, std streams, common *Common) error {
	a, err := openApp(ctx, common, std)
	if err != nil {
		return err
	}
	defer a.close()
	return a.explain(ctx, c.Receipt, c.JSON)
}

func (a *app) explain(ctx context.Context, receipt string, asJSON bool) error {
	e, err := a.store.Explain(ctx, receipt)
	if err != nil {
		return err
	}
	files, err := a.filesOf(ctx, e)
	if err != nil {
		return err
	}
	if asJSON {
		return printExplanation(a.std.out, e, files)
	}
	lines, err := a.linesOf(ctx, e)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\t%s\t%s\n", e.Receipt.ID, e.State, e.Reason)
	fmt.Fprintf(w, "  tiêu đề\t%s\n  người gửi\t%s\n  SHA-256\t%x\n", e.Facts.Subject, claimed(e), e.Receipt.Raw)
	noted := "máy chủ ghi"
	if e.Receipt.Channel == bridge.Paper {
		noted = "dấu đến"
	}
	for _, d := range e.Deliveries {
		fmt.Fprintf(w, "  đến\t%s\t%s\t%s %s\n", d.Mailbox, d.Origin, noted, vnTime(d.InternalDate))
	}
	if e.Receipt.HeadersOnly {
		fmt.Fprintf(w, "  chỉ phần đầu thư\t%s\n", withoutBody(e.State))
	}
	for _, am := range e.Amendments {
		fmt.Fprintf(w, "  người xử lý\t%s\t%s\t%s\t%s\n", am.By, am.Kind, vnTime(am.At), am.Reason)
	}
	for _, r := range e.Records {
		fmt.Fprintf(w, "  hồ sơ\t%s\t%s\tsố đến %s\t%s\t%s\n", r.ID, r.State, dash(r.SoDen), dash(r.Document.SoHieu), r.Document.TrichYeu)
		printTies(w, r)
		if len(r.Missing) > 0 {
			fmt.Fprintf(w, "  còn thiếu\t%s\n", strings.Join(r.Missing, ", "))
		}
	}
	for _, l := range lines {
		printLine(w, l)
	}
	for _, f := range files {
		f.print(w, "  ")
	}
	for _, n := range e.Notices {
		fmt.Fprintf(w, "  thông báo\t%s\t%s\t%s\t%s\n", n.ID, n.State, n.To, cmp.Or(digestInWords(n), n.Reply))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, o := range e.Outcomes {
		if err := printOutcome(a.std.out, o); err != nil {
			return err
		}
	}
	return nil
}

// claimed is the sender that a receipt names: of paper, the agency that the clerk said.
func claimed(e store.Explanation) string {
	if e.Receipt.Channel == bridge.Paper && len(e.Records) > 0 {
		return e.Records[0].Agency
	}
	return e.Facts.From
}

// printExplanation prints the JSON form, with what was read of the files beside what the store tells.
func printExplanation(out io.Writer, e store.Explanation, files []fileReading) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(body, &all); err != nil {
		return err
	}
	if all["files"], err = json.Marshal(files); err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(all)
}

// withoutBody says where the body is of a message whose header alone was taken, and what becomes of it.
func withoutBody(state bridge.State) string {
	switch state {
	case bridge.Quarantined:
		return "thân thư không được lấy về, còn nguyên trên máy chủ thư"
	case bridge.Refused:
		return "thân thư chưa bao giờ được lấy về; phiếu đã được đóng"
	}
	return "thân thư sẽ được lấy về ở lần xem hộp thư tới; nếu không còn trên máy chủ: đề nghị gửi lại, hoặc nạp bản sao bằng import, rồi refuse phiếu này"
}

func printOutcome(out io.Writer, o store.MadeOutcome) error {
	d := o.Outcome
	fmt.Fprintf(out, "  kết quả lần %d, %s: %s %s, kết luận %s\n", o.Seq, vnTime(o.MadeAt), d.State, d.Reason, dash(string(d.Decision.Verdict)))
	latest := ""
	if d.Instant.Latest {
		latest = " (muộn nhất)"
	}
	fmt.Fprintf(out, "    tính giờ %s%s theo %s %s; danh tính %s (%s)\n", vnTime(d.Instant.At), latest, d.Instant.Source, d.Instant.By, d.Evidence.Identity, d.Evidence.IdentityBy)
	printProofs(out, d.Evidence)
	if words := reasonInWords[d.Reason]; words != "" {
		fmt.Fprintf(out, "    vì: %s\n", words)
	}
	for i, r := range d.Records {
		for _, code := range r.Doubts {
			fmt.Fprintf(out, "    nghi vấn: %s  %s  %s\n", bridge.RecordID(d.Receipt, i), code, doubtInWords[code])
		}
		for _, u := range r.Unread {
			fmt.Fprintf(out, "    chưa đọc hết: %s  %s  %s\n", bridge.RecordID(d.Receipt, i), fileName(r.Files, u.Digest), inWords(problemInWords, u.Problem))
		}
	}
	if n := len(d.Evidence.Readings); n > 0 {
		fmt.Fprintf(out, "    theo nội dung đọc được của %d tệp\n", n)
	}
	if n := len(d.Wanted); n > 0 {
		fmt.Fprintf(out, "    đang đọc %d tệp; đọc xong sẽ quyết định lại\n", n)
	}
	for _, f := range d.Findings {
		fmt.Fprintf(out, "    phát hiện: %s  %s  %s\n", f.Code, f.Where, f.Note)
	}
	if d.Silence != "" {
		fmt.Fprintf(out, "    không trả lời: %s\n", inWords(silenceInWords, d.Silence))
	}
	fmt.Fprintf(out, "    phiên bản: chương trình %s, quy tắc %s, danh bạ %s\n", d.Versions.Program, short(d.Versions.Rules), short(d.Versions.Directory))
	return printTrace(out, d.Decision.Trace)
}

// fileName is the name of a record's file, or the beginning of its digest when it has none.
func fileName(files []mapping.File, digest string) string {
	for _, f := range files {
		if f.Digest == digest && f.Name != "" {
			return f.Name
		}
	}
	return short(digest)
}

// short is the beginning of a digest, enough for a person to compare.
func short(digest string) string { return digest[:min(12, len(digest))] }
