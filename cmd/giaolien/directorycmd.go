package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
)

// directoryCommand is the list of agencies.
type directoryCommand struct {
	Import   directoryImport `cmd:"" help:"Put the lines of a CSV file into the directory, and activate it."`
	List     directoryList   `cmd:"" help:"List agencies."`
	Lookup   directoryLookup `cmd:"" help:"Whose an address, code or id is, and how that was found."`
	Sync     directorySync   `cmd:"" help:"Compare the directory with the agency list of the axis, and take over what is certain."`
	Starting directoryStart  `cmd:"" help:"Print the agencies that an installation starts with, as CSV for import."`
}

// directorySource says which directory is asked.
type directorySource struct {
	Directory string `help:"Directory of agencies (CSV); default: the one that the configuration names." type:"path"`
	At        string `help:"The day (2024-12-31) or instant (RFC 3339) that is asked about; default: now."`
	JSON      bool   `help:"Print as JSON."`
}

// open reads the directory. What is doubtful in it is import's and check's to tell.
func (s directorySource) open(common *Common) (*directory.Directory, error) {
	file := s.Directory
	if file == "" {
		cfg, err := readConfig(common.Config)
		if err != nil {
			return nil, err
		}
		file = cfg.Directory.File
	}
	return readDirectory(file, io.Discard)
}

func (s directorySource) instant() (time.Time, error) { return instantOf(s.At) }

// instantOf reads a day, which means its first instant, or an instant; nothing is now.
func instantOf(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, vietnam); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, usageError{fmt.Errorf("--at: %q is neither a day (2024-12-31) nor an instant (2024-12-31T23:59:59+07:00)", text)}
	}
	return at, nil
}

// directoryStart prints the starting data.
type directoryStart struct{}

func (*directoryStart) Run(std streams) error {
	_, err := std.out.Write(directory.Starting())
	return err
}

// agencyJSON is an agency for other programs: the columns of agencies.csv.
type agencyJSON struct {
	ID         string   `json:"id"`
	Code       string   `json:"code"`
	Aliases    []string `json:"aliases"`
	Name       string   `json:"name"`
	ShortName  string   `json:"short_name"`
	Parent     string   `json:"parent"`
	Level      string   `json:"level"`
	Groups     []string `json:"groups"`
	Addresses  []string `json:"addresses"`
	Domains    []string `json:"domains"`
	Patterns   []string `json:"patterns"`
	ReadySince string   `json:"ready_since"`
	ValidFrom  string   `json:"valid_from"`
	ValidTo    string   `json:"valid_to"`
	Successors []string `json:"successors"`
	Contact    string   `json:"contact"`
	Doubt      string   `json:"doubt"`
}

func toAgencyJSON(a directory.Agency) agencyJSON {
	all := func(list []string) []string { return append([]string{}, list...) }
	return agencyJSON{ID: a.ID, Code: a.Code, Aliases: all(a.Aliases), Name: a.Name, ShortName: a.ShortName, Parent: a.Parent, Level: string(a.Level),
		Groups: all(a.Groups), Addresses: all(a.Addresses), Domains: all(a.Domains), Patterns: all(a.Patterns), ReadySince: isoDay(a.ReadySince),
		ValidFrom: isoDay(a.ValidFrom), ValidTo: isoDay(lastDay(a)), Successors: all(a.Successors), Contact: a.Contact, Doubt: a.Doubt}
}

// lastDay is the last day of an agency's period; zero while it is open.
func lastDay(a directory.Agency) time.Time {
	if a.ValidUntil.IsZero() {
		return a.ValidUntil
	}
	return a.ValidUntil.AddDate(0, 0, -1)
}

func isoDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(vietnam).Format(time.DateOnly)
}

// vnDay is a day as people read it.
func vnDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(vietnam).Format("02/01/2006")
}

// directoryList lists agencies in file order.
type directoryList struct {
	directorySource
	All   bool   `help:"All periods, not only those of the day that is asked about."`
	Group string `help:"Only agencies in this group."`
	Level string `help:"Only agencies of this level."`
}

func (c *directoryList) Run(std streams, common *Common) error {
	at, err := c.instant()
	if err != nil {
		return err
	}
	d, err := c.open(common)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	out := json.NewEncoder(std.out)
	for _, a := range d.Agencies() {
		if !c.All && !a.ValidAt(at) || c.Group != "" && !a.InGroup(c.Group) || c.Level != "" && string(a.Level) != c.Level {
			continue
		}
		if c.JSON {
			err = out.Encode(toAgencyJSON(a))
		} else {
			_, err = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.ID, dash(a.Code), dash(string(a.Level)), periodInWords(a), a.Name)
		}
		if err != nil {
			return err
		}
	}
	return w.Flush()
}

// periodInWords says from when to when a line is valid.
func periodInWords(a directory.Agency) string {
	from, to := vnDay(a.ValidFrom), vnDay(lastDay(a))
	switch {
	case from == "" && to == "":
		return "–"
	case to == "":
		return "từ " + from
	case from == "":
		return "đến hết " + to
	}
	return from + " – " + to
}

// directoryLookup asks the directory as the program does for every mail.
type directoryLookup struct {
	directorySource
	Name string `arg:"" name:"address-or-code" help:"Mail address, code in any notation, alias or id."`
}

func (c *directoryLookup) Run(std streams, common *Common) error {
	at, err := c.instant()
	if err != nil {
		return err
	}
	d, err := c.open(common)
	if err != nil {
		return err
	}
	m := d.ByCode(c.Name, at)
	if strings.Contains(c.Name, "@") {
		m = d.ByAddress(c.Name, at)
	}
	agency, known := d.Agency(m.Agency, at)
	if c.JSON {
		return json.NewEncoder(std.out).Encode(struct {
			Query  string          `json:"query"`
			At     time.Time       `json:"at"`
			Match  directory.Match `json:"match"`
			Agency agencyJSON      `json:"agency"` // of the match, else with empty values
		}{c.Name, at.UTC().Truncate(time.Second), m, toAgencyJSON(agency)})
	}
	fmt.Fprintf(std.out, "%s  %s\n", c.Name, matchInWords(m))
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	if known {
		printAgency(w, agency, at)
	}
	for _, id := range m.Candidates {
		a, _ := d.Agency(id, at)
		fmt.Fprintf(w, "  có thể là\t%s\t%s\n", id, a.Name)
	}
	if m.Successor != "" {
		fmt.Fprintf(w, "  trước đây là\t%s\t%s\n", m.Successor, lastName(d, m.Successor))
	}
	for _, code := range m.Findings {
		fmt.Fprintf(w, "  lưu ý\t%s\t%s\n", code, doubtInWords[code])
	}
	return w.Flush()
}

// lastName is the last name of an agency.
func lastName(d *directory.Directory, id string) string {
	name := ""
	for _, a := range d.Agencies() {
		if a.ID == id {
			name = a.Name
		}
	}
	return name
}

// matchInWords says whom a lookup led to, and by what.
func matchInWords(m directory.Match) string {
	switch m.How {
	case directory.ByAddress:
		return m.Agency + "  (đúng địa chỉ trong danh bạ)"
	case directory.ByPattern:
		return m.Agency + "  (hợp mẫu địa chỉ)"
	case directory.ByDomain:
		return m.Agency + "  (theo tên miền)"
	case directory.ByCode, directory.ByID:
		return m.Agency + "  (theo mã)"
	case directory.Ambiguous:
		return "không xác định được: nhiều đơn vị"
	}
	return "không có trong danh bạ"
}

func printAgency(w io.Writer, a directory.Agency, at time.Time) {
	ready := "chưa có tài khoản"
	if a.Ready(at) {
		ready = "từ " + vnDay(a.ReadySince)
	}
	for _, line := range [][2]string{
		{"tên", a.Name}, {"tên viết tắt", a.ShortName}, {"mã", a.Code}, {"mã khác", strings.Join(a.Aliases, ", ")}, {"cấp", string(a.Level)},
		{"trực thuộc", a.Parent}, {"nhóm", strings.Join(a.Groups, ", ")}, {"hiệu lực", strings.Trim(periodInWords(a), "–")}, {"trên hệ thống", ready},
		{"đầu mối hỗ trợ", a.Contact}, {"nghi vấn", a.Doubt},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "  %s\t%s\n", line[0], line[1])
		}
	}
}
