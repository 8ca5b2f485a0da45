package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser"
	"github.com/giaolien/giaolien/parser/vanban"
)

// inspectCommand shows what the program understands of a file. It stores nothing and asks nobody.
type inspectCommand struct {
	JSON      bool            `help:"Print one JSON object per file."`
	Directory string          `help:"Directory of agencies: adds the record." type:"path"`
	Rules     string          `help:"Rules file: adds the decision." type:"path"`
	At        time.Time       `help:"The instant at which it arrived (RFC 3339); default: as the file says."`
	NoTools   bool            `help:"Read without the tools of this machine: PDFs and pictures only by their names."`
	Trust     string          `help:"Folder with the certificates of the authorities whose signatures are believed." type:"path"`
	Identity  policy.Identity `help:"How well the sender is to be taken for proved." default:"from" enum:"none,from,spf,dkim,dmarc,signature,clerk"`
	Files     []string        `arg:"" name:"file" help:"Messages (.eml) or documents (.txt, .docx, .html, .pdf, .jpg, .png, .tif) or packages (.edxml)."`

	tools *fileTools
}

// inspection is the JSON form of CLI.md.
type inspection struct {
	File      string            `json:"file"`
	Message   *parser.Message   `json:"message"`
	Documents []vanban.Document `json:"documents"`
	Files     []fileReading     `json:"files"`   // what tools read
	Package   any               `json:"package"` // of an edXML package: its kind, what it changes or reports, what is wrong with it
	Record    any               `json:"record"`  // the first one
	Records   []shownRecord     `json:"records"` // all of them
	Decision  any               `json:"decision"`
	Notice    any               `json:"notice"`
	state     bridge.State
}

func (c *inspectCommand) Run(ctx context.Context, std streams) error {
	k, err := c.knowledge(std)
	if err != nil {
		return err
	}
	options, err := trusting(readerOptions(config.Default().Reading), c.Trust)
	if err != nil {
		return err
	}
	c.tools = &fileTools{options: options, off: c.NoTools, warn: std.err}
	for _, file := range c.Files {
		in, err := c.inspect(ctx, file, k)
		if err != nil {
			return err
		}
		if c.JSON {
			err = json.NewEncoder(std.out).Encode(in)
		} else {
			err = in.print(std.out)
		}
		if err != nil {
			return fmt.Errorf("print %s: %w", file, err)
		}
	}
	return nil
}

// openRules decides nothing by itself: what inspect shows without a rules file.
const openRules = "title = \"Không có quy tắc\"\ntimezone = \"Asia/Ho_Chi_Minh\"\ndefault = \"accept\"\n"

func (c *inspectCommand) knowledge(std streams) (*bridge.Knowledge, error) {
	rules, _, err := policy.ReadRules("", []byte(openRules))
	if c.Rules != "" {
		rules, err = readRules(c.Rules, std.err)
	}
	if err != nil {
		return nil, err
	}
	dir, err := readDirectory(c.Directory, std.err)
	if err != nil {
		return nil, err
	}
	return bridge.NewKnowledge(rules, dir, bridge.Settings{Program: version, Limits: parser.DefaultLimits, Mode: notice.ModeOff})
}

func (c *inspectCommand) inspect(ctx context.Context, file string, k *bridge.Knowledge) (*inspection, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	in := &inspection{File: filepath.Base(file), Documents: []vanban.Document{}, Files: []fileReading{}, Package: struct{}{}, Record: struct{}{}, Records: []shownRecord{},
		Decision: struct{}{}, Notice: struct{}{}}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt", ".docx", ".docm", ".doc", ".html", ".htm", ".pdf", ".xlsx", ".odt", ".ods", ".rtf", ".edxml", ".sdk",
		".jpg", ".jpeg", ".png", ".tif", ".tiff":
		err = c.plain(ctx, in, f, info.Size(), k)
	default:
		err = c.message(ctx, in, f, info, k)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return in, nil
}

// secretDocument shows the mark and nothing else (ARCHITECTURE, invariant 10).
func secretDocument(mark vanban.Secrecy, from vanban.From) vanban.Document {
	if from == mapping.InFile { // no word of CLI.md
		from = vanban.FromText
	}
	return vanban.Document{DoMat: mark, QuyenHanKy: []string{}, KinhGui: []string{}, NoiNhan: []string{}, TraLoi: []string{}, Files: []string{},
		Sources: map[string]vanban.Source{"do_mat": {From: from, Confidence: 1}}}
}

func (c *inspectCommand) message(ctx context.Context, in *inspection, f io.ReaderAt, info os.FileInfo, k *bridge.Knowledge) error {
	r := bridge.Receipt{ID: "GL-0000-0000000", Channel: bridge.Email, Size: info.Size(), InternalDate: c.At, FetchedAt: info.ModTime()}
	m := parser.Parse(f, r.Size, k.Settings.Limits)
	files, err := c.tools.message(ctx, m, f, r.Size, k.Settings.Limits)
	if err != nil {
		return err
	}
	u := bridge.Understand(r, m, files, nil, k)
	out := bridge.Decide(r, u, bridge.Evidence{Identity: c.Identity, IdentityBy: "inspect --identity", Tool: "inspect", Files: files}, bridge.History{}, k)
	in.state = out.State
	for _, rec := range u.Records {
		in.Documents = append(in.Documents, rec.Document)
	}
	in.Message = &u.Message
	if u.Secret != "" {
		in.Message = secretMessage(u.Message)
		return nil
	}
	in.Message.Findings = u.Findings
	for _, digest := range mapping.Wanted(m) {
		if e, ok := files[digest]; ok {
			in.Files = append(in.Files, readingOf(digest, nameOf(m, digest), e))
		}
	}
	if c.Directory != "" || c.Rules != "" {
		for _, rec := range u.Records {
			in.Records = append(in.Records, shownRecord{rec, shown(rec.Signature)})
		}
		if len(in.Records) > 0 {
			in.Record = in.Records[0]
		}
	}
	if c.Rules != "" {
		in.Decision = out.Decision
		if out.Notice != nil {
			in.Notice = out.Notice
		}
	}
	return nil
}

// secretMessage shows the kind, and nothing that the message says. Its lists are empty, not absent (CLI.md).
func secretMessage(m parser.Message) *parser.Message {
	none := []parser.Address{}
	return &parser.Message{Kind: m.Kind, NeverAnswer: m.NeverAnswer, From: none, Sender: none, ReplyTo: none, To: none, Cc: none,
		InReplyTo: []string{}, References: []string{}, DeliveredTo: []string{}, Attachments: []parser.Attachment{}, Nested: []parser.Nested{},
		Report: parser.Report{Original: []string{}}, Received: []parser.Received{}, Findings: []parser.Finding{}}
}

// print shows an inspection to a person.
func (in *inspection) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s\n", in.File)
	if m := in.Message; m != nil {
		fmt.Fprintf(w, "  loại thư\t%s\n  tiêu đề\t%s\n", m.Kind, m.Subject)
		for _, a := range m.From {
			fmt.Fprintf(w, "  người gửi\t%s <%s>\n", a.Name, a.Addr)
		}
		for _, a := range m.Attachments {
			fmt.Fprintf(w, "  tệp\t%s (%s, %d byte)\n", a.Name, a.Sniffed, a.Size)
		}
		for _, f := range m.Findings {
			fmt.Fprintf(w, "  phát hiện\t%s %s %s\n", f.Code, f.Where, f.Note)
		}
	}
	for _, d := range in.Documents {
		for _, f := range [][2]string{{"số, ký hiệu", d.SoHieu}, {"loại", d.Loai}, {"ngày", d.Ngay}, {"cơ quan", d.CoQuan}, {"trích yếu", d.TrichYeu},
			{"người ký", d.NguoiKy}, {"độ khẩn", string(d.DoKhan)}, {"độ mật", string(d.DoMat)}} {
			if f[1] != "" {
				fmt.Fprintf(w, "  %s\t%s\n", f[0], f[1])
			}
		}
	}
	for _, f := range in.Files {
		f.print(w, "  ")
	}
	in.printPackage(w)
	in.printRecords(w)
	if d, ok := in.Decision.(policy.Decision); ok {
		fmt.Fprintf(w, "  kết luận\t%s\t%s\n", d.Verdict, in.state)
		if err := w.Flush(); err != nil {
			return err
		}
		return printTrace(out, d.Trace)
	}
	return w.Flush()
}
