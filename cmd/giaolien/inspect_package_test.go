package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
	"github.com/giaolien/giaolien/parser"
)

// Every sample package of the reference is shown as the reference says that it is.
func TestInspectSamples(t *testing.T) {
	const folder = "../../../shared/reference/edxml/samples"
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal("the shared reference is absent")
		}
		t.Skip("the shared reference is absent")
	}
	agencies := filepath.Join(t.TempDir(), "agencies.csv")
	csv := "id,code,aliases,name,parent,addresses,domains,valid_from,valid_to,successors\n" +
		"vpcp,G22,000.00.00.G22,Văn phòng Chính phủ,,,,,,\nna,H41,,UBND tỉnh Nghệ An,,,,,,\nqt-nv,H50.12,,Sở Nội vụ,,,,,,\n"
	if err := os.WriteFile(agencies, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &inspectCommand{Directory: agencies, At: time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC), tools: &fileTools{off: true}}
	k, err := c.knowledge(streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	type want struct {
		kind   edxml.Kind
		status edxml.StatusCode
		change string
		number string
		sender string // agency
		doubt  string
		code   string // of a finding
		files  int
	}
	status := func(code edxml.StatusCode, sender string) want {
		return want{kind: edxml.KindStatus, status: code, number: "7816/VPCP-TTĐT", sender: sender, doubt: mapping.DoubtStatus}
	}
	all := map[string]want{
		"03-all4u-edoc_new.edxml":                      {kind: edxml.KindEdoc, number: "74fass22/VPCP-TTĐT", doubt: mapping.DoubtUnknownAgency, code: "edxml-signature", files: 1},
		"04-pvn-edoc_update.edxml":                     {kind: edxml.KindEdoc, change: "cập nhật văn bản", number: "7816/VPCP-TTĐT", sender: "vpcp", code: "edxml-signature", files: 1},
		"05-pvn-edoc_replacement.edxml":                {kind: edxml.KindEdoc, change: "thay thế văn bản", number: "7816/VPCP-TTĐT", sender: "vpcp", code: "edxml-signature", files: 1},
		"06-pvn-edoc_revocation.edxml":                 {kind: edxml.KindEdoc, change: "thu hồi văn bản", number: "7816/VPCP-TTĐT", sender: "vpcp", code: "edxml-signature", files: 1},
		"08-pvn-downloaded-2025-zip-in-pdf-type.edxml": {kind: edxml.KindEdoc, number: "BINTEST123/GW-AUTO", doubt: mapping.DoubtUnknownAgency, code: "edxml-unknown-code", files: 1},
		"10-pvn-upload-two-zip-txt.edxml":              {kind: edxml.KindEdoc, number: "20251016112435/GW-AUTO", doubt: mapping.DoubtUnknownAgency, code: "edxml-too-long", files: 2},
		"11-pvn-minimal.edxml":                         {kind: edxml.KindEdoc, doubt: mapping.DoubtUnknownAgency, code: "edxml-missing", files: 1},
		"13-all4u-edoc-template.edxml":                 {code: "edxml-not-well-formed"},
		"14-quang-edoc_new.edxml":                      {kind: edxml.KindEdoc, number: "2491/STC-BCTC", doubt: mapping.DoubtUnknownAgency, code: "edxml-signature", files: 1},
		"sdk-edoc-attachment-matrix.edxml":             {kind: edxml.KindEdoc, number: "12/TB-UBND", sender: "qt-nv", files: 9},
		"sdk-status-02.edxml":                          {kind: edxml.KindStatus, status: "02", number: "12/TB-UBND", sender: "qt-nv", doubt: mapping.DoubtStatus},
		"st-pvn-status.edxml":                          status("01", "na"),
		"st-pvn-status_inbox_01.edxml":                 status("01", "na"),
		"st-pvn-status_rejection_02.edxml":             status("02", "na"),
		"st-pvn-status_acceptance_03.edxml":            status("03", "na"),
		"st-pvn-status_processing_05.edxml":            status("05", "na"),
		"st-pvn-status_cancellation_13.edxml":          status("13", "vpcp"),
		"st-pvn-status_change-rejection_16.edxml":      status("16", "na"),
	}
	names, err := filepath.Glob(filepath.Join(folder, "*.edxml"))
	if err != nil || len(names) != len(all) {
		t.Fatalf("%d samples, %d are known: %v", len(names), len(all), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			w := all[filepath.Base(name)]
			in, err := c.inspect(t.Context(), name, k)
			if err != nil {
				t.Fatal(err)
			}
			p, _ := in.Package.(shownPackage)
			if w.kind != "" && p.Kind != w.kind || p.Refused != (w.kind == "") || p.Status != w.status || p.Change != w.change || len(p.Files) != w.files {
				t.Errorf("%+v", p)
			}
			for _, f := range p.Files {
				if len(f.Digest) != 64 || f.Size == 0 || f.Type == "application/zip" {
					t.Errorf("a file is still wrapped: %+v", f)
				}
			}
			if w.code != "" && !slices.ContainsFunc(p.Findings, func(f parser.Finding) bool { return f.Code == w.code }) || w.code == "" && len(p.Findings) > 0 {
				t.Errorf("findings %+v", p.Findings)
			}
			if w.kind == "" {
				if len(in.Records) != 0 {
					t.Errorf("records %+v", in.Records)
				}
				return
			}
			r := in.Records[0]
			if r.Document.SoHieu != w.number || r.Sender.Agency != w.sender || w.doubt != "" && !slices.Contains(r.Doubts, w.doubt) ||
				w.sender == "na" && !slices.Contains(r.Doubts, directory.FoundConverted) {
				t.Errorf("%q, sender %+v, doubts %v", r.Document.SoHieu, r.Sender, r.Doubts)
			}
			if w.change != "" && len(r.Relations) == 0 || w.kind == edxml.KindStatus && r.Key != "" {
				t.Errorf("relations %+v, key %q", r.Relations, r.Key)
			}
			var out strings.Builder
			if err := in.print(&out); err != nil || !strings.Contains(out.String(), "gói tin") {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
}

// TestInspectShowsWhoseMailItIs: mail of 2025 from an old domain is its heir's, the document of 2024 in it still that of the agency of then.
func TestInspectShowsWhoseMailItIs(t *testing.T) {
	dir := t.TempDir()
	mail, agencies := filepath.Join(dir, "thu.eml"), filepath.Join(dir, "agencies.csv")
	for name, text := range map[string]string{
		agencies: "id,code,name,addresses,valid_to,successors\nqb,H46,Tỉnh Quảng Bình,vanthu@quangbinh.example.vn,2025-06-30,qt\nqt,H50,Tỉnh Quảng Trị,vanthu@quangtri.example.vn,,\n",
		mail: "From: vanthu@quangbinh.example.vn\r\nSubject: Cong van so 12/UBND-TH ngay 02/03/2024 ve viec hop giao ban\r\nMIME-Version: 1.0\r\n" +
			"Content-Type: application/pdf; name=\"12_UBND-TH.pdf\"\r\n\r\n%PDF-1.4 x\r\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	args := []string{"inspect", "--no-tools", "--directory", agencies, "--at", "2025-11-03T10:00:00+07:00", mail}
	if code := run(t.Context(), args, streams{in: strings.NewReader(""), out: &out, err: &out}); code != exitDone {
		t.Fatalf("inspect ended with %d:\n%s", code, &out)
	}
	words := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{"đơn vị gửi qt Tỉnh Quảng Trị", "ban hành bởi qb Tỉnh Quảng Bình", "agency-succeeded"} {
		if !strings.Contains(words, want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
}
