package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/bridge/report"
	"github.com/giaolien/giaolien/mapping/register"
	"github.com/giaolien/giaolien/parser/vanban"
)

// TestPrintedIsEnough: the forms say the same of a line without the words that its fields were read from.
func TestPrintedIsEnough(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	e := register.Entry{Book: register.Book{Receiver: "ubnd", Year: 2026, Kind: register.Incoming}, Number: 12, State: register.Registered, Arrived: at, Registered: at,
		Author: "Sở Hải sản", Pages: 3, Files: 2, Answer: "9/UBND", Done: at, Transferred: at, ReceivedBy: "Trần Văn Cường", Note: "bản sao",
		Relations:  []register.Relation{{Kind: register.Replaces, SoHieu: "04/SHS-VP"}},
		Directions: []register.Direction{{N: 1, Text: "Tham mưu", Author: "Lê Thị Bình", Handler: "Phòng Kinh tế", Due: "2026-03-10", At: at}},
		Document: vanban.Document{SoHieu: "05/SHS-VP", So: "05", KyHieu: "SHS-VP", Loai: "Công văn", LoaiTat: "CV", Ngay: "2026-02-28", DiaDanh: "Quảng Trị",
			CoQuan: "SỞ HẢI SẢN", CoQuanTren: "UBND TỈNH", TrichYeu: "báo cáo tình hình tàu cá", NguoiKy: "Nguyễn Văn An", ChucVu: "Giám đốc",
			QuyenHanKy: []string{"KT"}, DoKhan: vanban.HoaToc, KinhGui: []string{"UBND tỉnh"}, NoiNhan: []string{"Lưu: VT"}, TraLoi: []string{"1/UBND"},
			Files: []string{"ab"}, Sources: map[string]vanban.Source{"so": {Evidence: "Số: 05"}}}}
	p := printed(e)
	if p.Document.Sources != nil || p.Document.NoiNhan != nil {
		t.Errorf("%+v is kept", p.Document)
	}
	for name, line := range map[string]func(register.Entry) []string{"ten columns": register.Line, "fields": register.FieldLine,
		"follow-up": func(e register.Entry) []string { return register.FollowUpLine(e, "2026-03-20") }} {
		if got, want := line(p), line(e); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestDevicesAreNotReplaced: written is by renaming, which would put a file in the place of a device.
func TestDevicesAreNotReplaced(t *testing.T) {
	link := filepath.Join(t.TempDir(), "so.csv")
	if err := os.Symlink(os.DevNull, link); err != nil {
		if os.Getenv("GIAOLIEN_TEST_REQUIRE") != "" {
			t.Fatal(err)
		}
		t.Skip("no links here:", err)
	}
	for _, file := range []string{os.DevNull, link} {
		if err := mayWrite(file, true); err == nil {
			t.Errorf("%s may be written over", file)
		}
	}
	there := filepath.Join(t.TempDir(), "so.csv")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mayWrite(there, true); err != nil {
		t.Error(err)
	}
	if err := mayWrite(there, false); err == nil {
		t.Error("a file may be written over without force")
	}
}

// TestRegisteredLateIsTold: Friday's document is late when it is registered on Tuesday, an urgent one on Monday.
func TestRegisteredLateIsTold(t *testing.T) {
	c, err := register.ReadCalendar("lich.csv", register.StartingCalendar())
	if err != nil {
		t.Fatal(err)
	}
	friday := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	for _, want := range []struct {
		days   int
		urgent vanban.Urgency
		late   bool
	}{{3, "", false}, {4, "", true}, {0, vanban.HoaToc, false}, {3, vanban.HoaToc, true}} {
		e := register.Entry{State: register.Registered, Arrived: friday, Registered: friday.AddDate(0, 0, want.days), Document: vanban.Document{DoKhan: want.urgent}}
		if got := toEntryJSON(e, "2026-11-30", c).RegisteredLate; got != want.late {
			t.Errorf("%q after %d days: late %v", want.urgent, want.days, got)
		}
	}
}

// TestWriteTableSparesWhatCame: a file that comes while the table is being written is left alone, and nothing is left beside it.
func TestWriteTableSparesWhatCame(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "so.csv")
	late := func(w io.Writer, _ report.Table) error {
		if err := os.WriteFile(file, []byte("của người khác"), 0o600); err != nil {
			return err
		}
		_, err := io.WriteString(w, "mới")
		return err
	}
	if err := writeTable(file, false, report.Table{}, late); !errors.Is(err, fs.ErrExist) {
		t.Errorf("written over: %v", err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "của người khác" {
		t.Errorf("there is %q, %v", got, err)
	}
	if err := writeTable(file, true, report.Table{}, late); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "mới" {
		t.Errorf("by force there is %q, %v", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestGapsAreTold(t *testing.T) {
	var s register.Series
	s.Book(register.Book{Receiver: "ubnd", Year: 2026, Kind: register.Incoming, Last: 3})
	s.Line(register.Entry{Book: register.Book{Receiver: "ubnd", Year: 2026, Kind: register.Incoming}, Number: 1})
	var told strings.Builder
	tellGaps(&told, s.Gaps())
	if got := told.String(); !strings.HasPrefix(got, "giaolien: register: book den 2026 of ubnd: missing 2 to 3; ") {
		t.Errorf("told %q", got)
	}
}
