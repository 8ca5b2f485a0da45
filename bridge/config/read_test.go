package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

var update = flag.Bool("update", false, "write the expected messages anew, for reading")

func noEnv(string) string { return "" }

func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) < 10 {
		t.Fatalf("bad files: %d, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Read("config.toml", data, noEnv)
			var faults directory.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("want faults, got %v", err)
			}
			got := faults.Error() + "\n"
			golden := strings.TrimSuffix(file, ".toml") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			for _, leak := range []string{"bi-mat", "bi%mat", "int64", "interface", "[]string", "map[", "reflect", "struct"} {
				if strings.Contains(got, leak) {
					t.Errorf("%q stands in the messages", leak)
				}
			}
			for _, f := range faults {
				if f.Line == 0 {
					t.Errorf("no line: %v", f)
				}
			}
		})
	}
}

// TestExample decodes the example with its comments opened: every key must be there, at its default.
func TestExample(t *testing.T) {
	data, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	opened, open := []string{}, []string{}
	explained := true
	for _, line := range strings.Split(string(data), "\n") {
		key, isKey := strings.CutPrefix(line, "#")
		isKey = isKey && key != "" && key[0] != ' '
		if isKey && key[0] != '[' && !explained {
			t.Errorf("no explanation above %q", line)
		}
		explained = strings.HasPrefix(line, "# ")
		if isKey {
			line = key
		} else if line != "" && line[0] != '#' {
			open = append(open, line)
		}
		opened = append(opened, line)
	}
	if len(open) > 0 {
		t.Errorf("not commented out: %q", open)
	}
	got, at, faults := decode("config.example.toml", []byte(strings.Join(opened, "\n")))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	want := Default()
	want.Agencies = []Agency{DefaultAgency()}
	want.Mailboxes = []Mailbox{DefaultMailbox()}
	want.Targets = []Target{DefaultTarget()}
	want.Axes = []Axis{DefaultAxis()}
	want.Axes[0].Start = time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC)      // required with receive
	want.Mailboxes[0].Start = time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC) // required, so it has no default
	if !reflect.DeepEqual(got, want) {
		t.Errorf("example\n%+v\ndefaults\n%+v", got, want)
	}
	for _, path := range keys("", reflect.TypeFor[Config]()) {
		if at[path] == 0 {
			t.Errorf("the example does not show %s", path)
		}
	}
}

// keys lists every key path of the configuration.
func keys(path string, t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		at := join(path, f.Tag.Get("toml"))
		switch {
		case f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[time.Time]():
			out = append(out, keys(at, f.Type)...)
		case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
			out = append(out, keys(entry(at, 0), f.Type.Elem())...)
		default:
			out = append(out, at)
		}
	}
	return out
}

func TestEmptyFile(t *testing.T) {
	c, err := Read("/etc/giaolien/config.toml", nil, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Data = "/etc/giaolien/data"
	want.Archive.Path = "/etc/giaolien/data/archive"
	want.Notices.KeyFile = "/etc/giaolien/data/notice.key"
	want.Rules.File, want.Directory.File = "/etc/giaolien/rules.toml", "/etc/giaolien/agencies.csv"
	want.SMTP.Port = 465
	want.Intake.Workers = runtime.NumCPU()
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got\n%+v\nwant\n%+v", c, want)
	}
}

const whole = `
data = "/var/lib/giaolien"
[database]
url = "postgres:///giaolien?host=/run/postgresql&sslmode=disable"
[identity]
authserv_ids = ["MX.quangtri.gov.vn"]
trusted_hops = ["mx.Quangtri.gov.vn", "10.1.2.3"]
[smtp]
host = "mail.quangtri.gov.vn"
tls = "starttls"
user = "giaolien"
password_env = "SMTP_PASSWORD"
ca_file = "ca.pem"
[notices]
mode = "send"
give_up = "2d12h"
[archive]
reserve = "512MiB"
[reading]
trust_folder = "ca"
tessdata = "/srv/tessdata"
budget = "2m"
[[agency]]
id = "vp-ubnd"
name = "Văn phòng Ủy ban nhân dân tỉnh"
from = "vanthu@quangtri.gov.vn"
[[agency]]
id = "so-noi-vu"
name = "Sở Nội vụ"
from = "snv@quangtri.gov.vn"
from_name = "Văn thư Sở Nội vụ"
return_path = "<>"
[[mailbox]]
name = "vanthu"
receiver = "vp-ubnd"
host = "imap.quangtri.gov.vn"
user = "vanthu@quangtri.gov.vn"
password_file = "secrets/vanthu"
start = 2026-12-01
[[mailbox]]
name = "noivu"
receiver = "so-noi-vu"
host = "localhost"
tls = "none"
user = "snv"
auth = "oauthbearer"
token_command = ["token", "snv"]
start = 2026-12-01T07:30:00
folders = ["INBOX", "Công văn đến"]
after = "move"
processed = "Đã xử lý"
poll = "1m30s"
[[mailbox]]
name = "noivu-cu"
receiver = "so-noi-vu"
host = "localhost"
tls = "starttls"
user = "snv-cu"
password_env = "SNV"
start = 2026-12-01T07:30:00Z
`

func TestWholeFile(t *testing.T) {
	set := func(string) string { return "x" }
	c, err := Read("conf/config.toml", []byte(whole), set)
	if err != nil {
		t.Fatal(err)
	}
	a, b, o := c.Mailboxes[0], c.Mailboxes[1], c.Mailboxes[2]
	checks := []struct {
		name      string
		got, want any
	}{
		{"absolute path stays", c.Data, "/var/lib/giaolien"},
		{"archive under data", c.Archive.Path, "/var/lib/giaolien/archive"},
		{"path under the file's folder", c.SMTP.CAFile, "conf/ca.pem"},
		{"secret under the file's folder", a.PasswordFile, "conf/secrets/vanthu"},
		{"folder of certificates under the file's folder", c.Reading.TrustFolder, "conf/ca"},
		{"absolute folder of language data", c.Reading.TessData, "/srv/tessdata"},
		{"one key of a section, the others at their defaults", c.Reading.Budget.Std() + time.Duration(c.Reading.PagesFirst), 2*time.Minute + 2},
		{"lower case", c.Identity.AuthservIDs[0] + " " + c.Identity.TrustedHops[0], "mx.quangtri.gov.vn mx.quangtri.gov.vn"},
		{"size", c.Archive.Reserve, Size(512 << 20)},
		{"days and hours", c.Notices.GiveUp.Std(), 60 * time.Hour},
		{"submission port", c.SMTP.Port, 587},
		{"IMAP port, implicit TLS", a.Port, 993},
		{"IMAP port, clear", b.Port, 143},
		{"IMAP port, starttls", o.Port, 143},
		{"return path from address", c.Agencies[0].ReturnPath, "vanthu+{token}@quangtri.gov.vn"},
		{"null return path", c.Agencies[1].ReturnPath, "<>"},
		{"name beside the address", c.Agencies[0].FromName, c.Agencies[0].Name},
		{"name beside the address, own", c.Agencies[1].FromName, "Văn thư Sở Nội vụ"},
		{"a date is midnight in Vietnam", a.Start.Format(time.RFC3339), "2026-11-30T17:00:00Z"},
		{"a time without zone is Vietnamese", b.Start.Format(time.RFC3339), "2026-12-01T00:30:00Z"},
		{"a time with zone is taken so", o.Start.Format(time.RFC3339), "2026-12-01T07:30:00Z"},
		{"default of a mailbox", a.Poll.Std(), time.Minute},
		{"own value of a mailbox", b.Poll.Std(), 90 * time.Second},
		{"default folder", a.Folders[0], "INBOX"},
	}
	for _, c := range checks {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestEnvironmentIsAskedOnlyOnRequest(t *testing.T) {
	if _, err := Read("config.toml", []byte(whole), nil); err != nil {
		t.Error(err)
	}
	_, err := Read("config.toml", []byte(whole), noEnv)
	var faults directory.Faults
	if !errors.As(err, &faults) || len(faults) != 2 {
		t.Errorf("two variables are not set, got %v", err)
	}
}

func TestDurationsAndSizes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "10m": 10 * time.Minute, "5d": 120 * time.Hour, "1d6h": 30 * time.Hour, "1h30m": 90 * time.Minute, "250ms": 250 * time.Millisecond, "0s": 0,
	} {
		var d, again Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || d.Std() != want {
			t.Errorf("%q: %v, %v", text, d, err)
		}
		if err := again.UnmarshalText([]byte(d.String())); err != nil || again != d {
			t.Errorf("%q becomes %q and then %v, %v", text, d, again, err)
		}
	}
	for _, text := range []string{"", "5", "d", "-5m", "1.5h", "5 m", "+1s", "5w", "1h2d", "99999d", "9999999999h", "106000d9999h"} {
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, d)
		}
	}
	for text, want := range map[string]Size{"0": 0, "4096": 4096, "512KiB": 512 << 10, "100MiB": 100 << 20, "1 GiB": 1 << 30, "10MB": 10_000_000, "7B": 7, "2TiB": 2 << 40} {
		var s, again Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q: %d, %v", text, s, err)
		}
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%q becomes %q and then %d, %v", text, s, again, err)
		}
	}
	for _, text := range []string{"", "MiB", "-1MiB", "1.5GiB", "1XiB", "9999999TiB", "1MiBMiB", "99999999999999999999"} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %d", text, s)
		}
	}
}
