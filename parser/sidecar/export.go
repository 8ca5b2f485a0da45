package sidecar

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/parser/vanban"
)

// mailFields are the elements of EXPORTMAIL that become fields of the document.
var mailFields = map[string]string{
	"strloaivanban": "loai_van_ban", "strkyhieu": "so_hieu", "strtrichyeu": "trich_yeu", "strngayky": "ngay_ban_hanh", "strnguoiky": "nguoi_ky",
	"strchucdanh": "chuc_vu", "strnoigui": "co_quan_ban_hanh", "strdokhan": "do_khan", "strdomat": "do_mat",
}

// mailOnly and toldOnly tell the two kinds apart where the root has another name.
var (
	mailOnly = []string{"strkyhieu", "strtrichyeu", "strloaivanban"}
	toldOnly = []string{"strmatrangthai", "strnoidungxuly", "strsokyhieu"}
)

// groups are the elements of EXPORTSTATUS whose fields have the names of others'.
var groups = []string{"noigui", "phanhoivanban", "thongtinxuly"}

// takeFlat keeps a value of EXPORTMAIL or EXPORTSTATUS by its name, with that of its group. Producers wrap them in elements of their own.
func (x *reading) takeFlat(value string) {
	n := len(x.stack)
	place := x.stack[n-1].name
	for i := n - 2; i >= 0; i-- {
		if slices.Contains(groups, x.stack[i].name) {
			place = x.stack[i].name + "/" + place
			break
		}
	}
	have, ok := x.flat[place]
	switch {
	case ok && have != value:
		x.note(Repeated, place)
	case !ok && len(x.flat) < 200:
		x.flat[place] = value
	}
}

// at gives the value of an element, in its group or outside of any.
func (x *reading) at(place string) string {
	if v, ok := x.flat[place]; ok {
		return v
	}
	return x.flat[place[strings.LastIndexByte(place, '/')+1:]]
}

// flatKind is the kind of a sidecar that is no edXML.
func (x *reading) flatKind() Kind {
	has := func(names []string) bool {
		for _, n := range names {
			for place := range x.flat {
				if place == n || strings.HasSuffix(place, "/"+n) {
					return true
				}
			}
		}
		return false
	}
	switch {
	case x.told, !x.mail && has(toldOnly):
		return ExportStatus
	case x.mail, has(mailOnly[:2]):
		return ExportMail
	}
	return ""
}

// exportMail fills in the fields of EXPORTMAIL.
func (x *reading) exportMail(confidence float64) {
	d := &x.out.Document
	for _, element := range []string{"strloaivanban", "strkyhieu", "strtrichyeu", "strngayky", "strnguoiky", "strchucdanh", "strnoigui", "strdokhan", "strdomat"} {
		value := x.at(element)
		if value == "" {
			continue
		}
		switch element {
		case "strngayky":
			x.day(d, value, element, confidence)
			continue
		case "strkyhieu":
			x.number(d, value, "", element, confidence)
			continue
		case "strdokhan", "strdomat":
			if ordinary(value) {
				continue
			}
		}
		if !d.Take(mailFields[element], value, vanban.FromSidecar, confidence) {
			x.note(BadValue, element)
		}
	}
	x.out.Sender.Name = x.at("strnoigui")
	x.out.Meeting = Meeting{Time: x.at("strthoigianhop"), Place: x.at("strdiadiem")}
	if v := x.at("strngayhop"); v != "" {
		var ok bool
		if x.out.Meeting.Date, _, ok = day(v); !ok {
			x.note(BadValue, "strngayhop")
		}
	}
	if v := x.at("strhanxuly"); v != "" {
		var ok bool
		if x.out.Due, _, ok = day(v); !ok {
			x.note(BadValue, "strhanxuly")
		}
	}
	x.out.Pages = x.at("intsoto")
}

// exportStatus fills in what EXPORTSTATUS tells of a document that was sent before.
func (x *reading) exportStatus(confidence float64) {
	d := &x.out.Document
	if v := x.at("phanhoivanban/strsokyhieu"); v != "" {
		x.number(d, v, "", "strsokyhieu", confidence)
	}
	if v := x.at("phanhoivanban/strngayky"); v != "" {
		x.day(d, v, "strngayky", confidence)
	}
	issuer := Organ{Code: x.at("phanhoivanban/strmacoquanbanhanh"), Name: x.at("phanhoivanban/strcoquanbanhanh")}
	if issuer.Name != "" {
		d.Take("co_quan_ban_hanh", issuer.Name, vanban.FromSidecar, confidence)
	}
	x.out.Sender = Organ{Code: x.at("noigui/strmadonvi"), Name: x.at("noigui/strtendonvi"), Email: x.at("noigui/stremail")}
	x.out.Report = Report{Code: StatusCode(x.at("strmatrangthai")), Text: x.at("strnoidungxuly"),
		Unit: x.at("thongtinxuly/strdonvixuly"), Staff: x.at("thongtinxuly/strcanboxuly")}
	x.answered(Reference{Number: d.SoHieu, Date: d.Ngay, Issuer: issuer})
}

func (x *reading) answered(r Reference) {
	if r.Number == "" && r.DocumentID == "" || len(x.out.Answers) >= maxListed {
		return
	}
	x.out.Answers = append(x.out.Answers, r)
}

// number sets the số ký hiệu; one of no known form is noted.
func (x *reading) number(d *vanban.Document, so, kyHieu, element string, confidence float64) {
	if !d.TakeNumber(so, kyHieu, vanban.FromSidecar, confidence) {
		x.note(BadValue, element)
		return
	}
	_, err := vanban.Check("so_hieu", d.SoHieu)
	if whole, _ := vanban.SplitNumber(d.SoHieu); d.SoHieu != "" && (err != nil || whole != d.So) {
		x.note(OddNumber, element)
		for _, field := range []string{"so_hieu", "so", "ky_hieu"} {
			if s, ok := d.Sources[field]; ok {
				s.Confidence = min(s.Confidence, sureDamaged)
				d.Sources[field] = s
			}
		}
	}
}

// day sets the date of the document.
func (x *reading) day(d *vanban.Document, value, element string, confidence float64) {
	iso, serial, ok := day(value)
	if serial {
		x.note(SerialDate, element)
		confidence = min(confidence, sureDamaged)
	}
	if !ok || !d.Take("ngay_ban_hanh", iso, vanban.FromSidecar, confidence) {
		x.note(BadValue, element)
		return
	}
	reworded(d, "ngay_ban_hanh", value)
}

// reworded notes what was read where the field took its meaning.
func reworded(d *vanban.Document, field, printed string) {
	s := d.Sources[field]
	s.Evidence = printed
	d.Sources[field] = s
}

// Day numbers of spreadsheets count from 1899-12-30; these two are days of 1954 and 2119.
const firstSerial, lastSerial = 20000, 80000

// day reads a date in any of the forms of documents, or as the day number that a spreadsheet made of it.
func day(value string) (iso string, serial, ok bool) {
	if iso, ok := vanban.StatedDay(value); ok {
		return iso, false, true
	}
	whole, _, _ := strings.Cut(value, ".")
	n, err := strconv.Atoi(whole)
	if err != nil || len(whole) != 5 || n < firstSerial || n > lastSerial {
		return "", false, false
	}
	return time.Date(1899, 12, 30+n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), true, true
}

// StatusCode gives the code with two digits, or as it stands when it is none.
func StatusCode(s string) string {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n < 100 {
		return string([]byte{'0' + byte(n/10), '0' + byte(n%10)})
	}
	return s
}

// ordinary says whether a grade means none.
func ordinary(value string) bool {
	switch vanban.Fold(value) {
	case "thuong", "binh thuong", "khong", "khong mat", "khong khan", "0", "1":
		return true
	}
	return false
}
