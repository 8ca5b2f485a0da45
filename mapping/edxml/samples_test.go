package edxml

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// shared is where the reference lies that the tests read, outside of the repository.
const shared = "../../../shared/reference/edxml"

// sample reads a file of the reference, or skips the test where there is no reference.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(shared, name))
	if errors.Is(err, fs.ErrNotExist) {
		absent(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// decoded reads a package and all its files.
func decoded(t testing.TB, b []byte) (Package, [][]byte) {
	t.Helper()
	var files [][]byte
	p, err := Decode(bytes.NewReader(b), Limits{}, func(i int, r io.Reader) error {
		if i != len(files) {
			t.Errorf("file %d comes as %d", len(files), i)
		}
		got, err := io.ReadAll(r)
		files = append(files, got)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.Kind == KindEdoc && len(files) > len(p.Edoc.Files) {
		t.Fatalf("%d files were given, %d are listed", len(files), len(p.Edoc.Files))
	}
	return p, files
}

func codes(list []Finding) []Code {
	var out []Code
	for _, f := range list {
		if !slices.Contains(out, f.Code) {
			out = append(out, f.Code)
		}
	}
	slices.Sort(out)
	return out
}

func TestSamplesOfDocuments(t *testing.T) {
	const office, nghean = "000.00.00.G22", "000.00.00.H41"
	type want struct {
		from     string
		to       int
		id, code string
		date     string
		change   Change
		hops     int
		files    []string // names
		wrapped  int
		findings []Code
	}
	old := "000.00.00.G22,2015/09/30,7816/VPCP-TTĐT"
	doc := []string{"1896_QD-TTg_m_294779.doc"}
	signed := []Code{Unsigned}
	cases := map[string]want{
		"03-all4u-edoc_new.edxml":                      {"000.00.00.A80", 1, old, "74fass22/VPCP-TTĐT", "2019-01-16", New, 1, doc, 1, signed},
		"04-pvn-edoc_update.edxml":                     {office, 3, old, "7816/VPCP-TTĐT", "2018-09-28", Updated, 1, doc, 1, signed},
		"05-pvn-edoc_replacement.edxml":                {office, 3, old, "7816/VPCP-TTĐT", "2018-09-28", Replacing, 1, doc, 1, signed},
		"06-pvn-edoc_revocation.edxml":                 {office, 3, old, "7816/VPCP-TTĐT", "2018-09-28", Recalled, 1, doc, 1, signed},
		"08-pvn-downloaded-2025-zip-in-pdf-type.edxml": {"vxp.saas.03", 1, "5e515fca-3627-4f2e-b517-7169acdc8bda", "BINTEST123/GW-AUTO", "2025-10-23", New, 2, []string{"1761211722949_TestTrucLienThong.pdf"}, 1, []Code{Missing, UnknownCode}},
		"10-pvn-upload-two-zip-txt.edxml":              {"vxp.saas.03", 1, "b6e1f29d-cdc9-4fa7-8391-442e8566f14e", "20251016112435/GW-AUTO", "2025-10-16", New, 1, []string{"metaA.txt", "metaB.txt"}, 2, []Code{TooLong, UnknownCode}},
		"11-pvn-minimal.edxml":                         {"vxp.saas.03", 1, "test-doc", "", "", New, 0, []string{"clean.txt"}, 1, []Code{Missing, UnknownCode}},
		"14-quang-edoc_new.edxml":                      {"000.00.11.H53", 1, "000.00.11.H53,2020/10/30,2491/STC-BCTC", "2491/STC-BCTC", "2020-10-30", New, 1, doc, 1, signed},
		"sdk-edoc-attachment-matrix.edxml":             {"H50.12", 1, "H50.12,1970/01/01,12/TB-UBND", "12/TB-UBND", "1970-01-01", New, 1, []string{"x.pdf", "x.doc", "x.docx", "x.xls", "x.xlsx", "x.txt", "x.zip", "x.PDF", "noext"}, 4, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, files := decoded(t, sample(t, "samples/"+name))
			e := p.Edoc
			if p.Kind != KindEdoc || p.Refused() {
				t.Fatalf("kind %q, findings %v", p.Kind, p.Findings)
			}
			got := want{e.From.ID, len(e.To), e.DocumentID, e.Code(), e.Date, e.Business.Kind, len(e.Trace), nil, 0, codes(p.Findings)}
			for i, f := range e.Files {
				got.files = append(got.files, f.Name)
				if f.Damaged || f.Missing || f.Size != int64(len(files[i])) {
					t.Errorf("file %d: %+v", i, f)
				}
				u, err := Unwrap(bytes.NewReader(files[i]), int64(len(files[i])), f.Name, 0)
				if err != nil || len(u.Findings) > 0 {
					t.Errorf("unwrap %d: %v %v", i, err, u.Findings)
				}
				if u.Wrapped {
					got.wrapped++
				}
			}
			if !equal(got, c) {
				t.Errorf("got  %+v\nwant %+v", got, c)
			}
		})
	}
	t.Run("changes", func(t *testing.T) {
		p, _ := decoded(t, sample(t, "samples/04-pvn-edoc_update.edxml"))
		if want := (&Update{true, true, []Receiver{{nghean, 0}, {"000.00.00.H14", 1}}}); !equal(p.Edoc.Business.Update, want) {
			t.Errorf("update: %+v", p.Edoc.Business.Update)
		}
		p, _ = decoded(t, sample(t, "samples/05-pvn-edoc_replacement.edxml"))
		one := Replacement{"000.00.00.G22,2014/01/30,7806/VPCP-TTĐT", []string{nghean, "000.00.00.H14"}}
		if !equal(p.Edoc.Business.Replaces, []Replacement{one, one}) {
			t.Errorf("replaced: %+v", p.Edoc.Business.Replaces)
		}
		p, _ = decoded(t, sample(t, "samples/06-pvn-edoc_revocation.edxml"))
		if want := []Reference{{"000.00.00.H14", "267/VPCP-TTĐT", "000.00.04.G14,2012/08/06,267/VPCP-TTĐT", "2018-09-28"}}; !equal(p.Edoc.Answers, want) {
			t.Errorf("answers: %+v", p.Edoc.Answers)
		}
		p, _ = decoded(t, sample(t, "samples/08-pvn-downloaded-2025-zip-in-pdf-type.edxml"))
		if want := []Hop{{"", stampAt(2025, 10, 23, 16, 28, 42)}, {"", stampAt(2025, 10, 23, 16, 28, 43)}}; !equal(p.Edoc.Trace, want) {
			t.Errorf("trace: %+v", p.Edoc.Trace)
		}
	})
}

func TestSampleThatIsBroken(t *testing.T) {
	p, _ := decoded(t, sample(t, "samples/13-all4u-edoc-template.edxml"))
	if !p.Refused() || !slices.Contains(codes(p.Findings), NotWellFormed) {
		t.Errorf("findings %v", p.Findings)
	}
}

func TestSamplesOfStatuses(t *testing.T) {
	type want struct {
		code     StatusCode
		from, to string
		at       time.Time
	}
	sent := stampAt(2015, 9, 20, 11, 8, 36)
	const office, nghean = "000.00.00.G22", "000.00.00.H41"
	cases := map[string]want{
		"sdk-status-02.edxml":                     {Rejected, "H50.12", "H50.13", stampAt(1970, 1, 1, 0, 0, 0)},
		"st-pvn-status.edxml":                     {Arrived, nghean, office, stampAt(2018, 9, 28, 17, 25, 11)},
		"st-pvn-status_inbox_01.edxml":            {Arrived, nghean, office, sent},
		"st-pvn-status_rejection_02.edxml":        {Rejected, nghean, office, sent},
		"st-pvn-status_acceptance_03.edxml":       {Registered, nghean, office, sent},
		"st-pvn-status_processing_05.edxml":       {InWork, nghean, office, sent},
		"st-pvn-status_cancellation_13.edxml":     {Withdraw, office, nghean, sent},
		"st-pvn-status_change-rejection_16.edxml": {Declined, nghean, office, sent},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p, _ := decoded(t, sample(t, "samples/"+name))
			s := p.Status
			if got := (want{s.Code, s.From.ID, s.About.OrganID, s.At}); p.Kind != KindStatus || len(p.Findings) > 0 || !equal(got, c) {
				t.Errorf("got  %+v %v\nwant %+v", got, p.Findings, c)
			}
			if s.About.DocumentID == "" || s.About.Code == "" || s.About.Date == "" || s.Staff.Name == "" || s.Description == "" {
				t.Errorf("incomplete: %+v", s)
			}
			again, err := statusBytes(s)
			if err != nil {
				t.Fatal(err)
			}
			if q, _ := decoded(t, again); !equal(q, p) {
				t.Errorf("written and read again: %+v", q)
			}
		})
	}
}

// TestAllSamplesAreExpected fails when the reference has a sample that no test expects anything of.
func TestAllSamplesAreExpected(t *testing.T) {
	sample(t, "samples/SOURCES.md")
	files, err := filepath.Glob(filepath.Join(shared, "samples/*.edxml"))
	if err != nil || len(files) != 18 {
		t.Errorf("%d samples, 18 are expected: %v", len(files), err)
	}
}

// TestBuilderOrder writes what the official builder wrote again, and holds the order of all elements against it.
func TestBuilderOrder(t *testing.T) {
	for _, name := range []string{"sdk-edoc-attachment-matrix.edxml", "sdk-status-02.edxml"} {
		b := sample(t, "samples/"+name)
		p, files := decoded(t, b)
		again, err := statusBytes(p.Status)
		if p.Kind == KindEdoc {
			again, err = edocBytes(p.Edoc, files)
		}
		if err != nil {
			t.Fatal(err)
		}
		// The builder leaves out the priority and the flag of paper, and writes a row of 0.
		ours := without(outline(t, again), "OtherInfo", "Priority", "Paper")
		if theirs := without(outline(t, b), "TypeDetail"); !slices.Equal(ours, theirs) {
			t.Errorf("%s\nours   %v\ntheirs %v", name, ours, theirs)
		}
	}
}

func stampAt(y int, m time.Month, d, h, min, s int) time.Time {
	return time.Date(y, m, d, h, min, s, 0, vietnam())
}

// absent ends a test whose shared data lie not beside the repository: skipped, or failed where nothing may be missing.
func absent(t testing.TB, what error) {
	t.Helper()
	if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
		t.Fatalf("%v, and GIAOLIEN_TEST_REQUIRE is set", what)
	}
	t.Skipf("not here: %v", what)
}
