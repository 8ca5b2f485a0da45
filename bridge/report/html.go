package report

import (
	"fmt"
	"html/template"
	"io"
)

// HTML writes a table as one page that needs nothing beside it: no scripts, no pictures, no other files. It prints as A4 landscape with the
// head of the table on each page.
func HTML(w io.Writer, t Table) error {
	page, err := template.New("table").Parse(tablePage)
	if err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	if err := page.Execute(w, htmlOf(t)); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	return nil
}

// htmlTable is a table as the page shows it.
type htmlTable struct {
	Name    string
	Heading []string
	Heads   []string
	Rows    []htmlRow
	Closing []string
	Signer  string
}

type htmlRow struct {
	Class string
	Cells []htmlCell
}

type htmlCell struct{ Class, Text string }

func htmlOf(t Table) htmlTable {
	h := htmlTable{Name: clean(t.Name), Signer: clean(t.Signer)}
	heading := t.Heading
	if t.Cover != nil {
		heading = coverLines(*t.Cover)
	}
	for _, line := range heading {
		h.Heading = append(h.Heading, clean(line))
	}
	for _, c := range t.Columns {
		h.Heads = append(h.Heads, clean(c.Head))
	}
	for _, r := range t.Rows {
		row := htmlRow{Class: map[Tone]string{Void: "void", Struck: "struck", Sum: "sum"}[r.Tone]}
		for i, text := range r.Cells {
			cell := htmlCell{Text: clean(text)}
			if t.Columns[i].Type != Text {
				cell.Class = "figure"
			}
			row.Cells = append(row.Cells, cell)
		}
		h.Rows = append(h.Rows, row)
	}
	for _, line := range t.Closing {
		h.Closing = append(h.Closing, clean(line))
	}
	return h
}

// tablePage is the page. Struck rows are shown grey as well, since only words of some columns are struck on paper.
const tablePage = `<!DOCTYPE html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Name}}</title>
<style>
@page { size: A4 landscape; margin: 14mm 10mm 16mm 20mm; }
body { font-family: "Times New Roman", "Liberation Serif", serif; font-size: 10pt; line-height: 1.5; margin: 1em; color: #000; background: #fff; }
header { text-align: center; }
header p { margin: 0; }
h1 { font-size: 13pt; margin: .3em 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 1px solid #000; padding: .2em .3em; vertical-align: top; text-align: left; white-space: pre-line; }
th { text-align: center; vertical-align: middle; }
td.figure { text-align: center; white-space: nowrap; }
tr.sum td { font-weight: bold; }
tr.void td { font-style: italic; }
tr.struck td { text-decoration: line-through; color: #444; }
.closing p { margin: .1em 0; }
.signer { float: right; text-align: center; width: 80mm; min-height: 38mm; break-inside: avoid; }
.signer p { margin: 0; }
</style>
</head>
<body>
<header>
{{range .Heading}}{{if eq . $.Name}}<h1>{{.}}</h1>{{else}}<p>{{.}}</p>{{end}}
{{end}}</header>
<div class="wide">
<table aria-label="{{.Name}}">
<thead><tr>{{range .Heads}}<th scope="col">{{.}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr{{with .Class}} class="{{.}}"{{end}}>{{range .Cells}}<td{{with .Class}} class="{{.}}"{{end}}>{{.Text}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
</div>
<div class="closing">
{{range .Closing}}<p>{{.}}</p>
{{end}}</div>
{{with .Signer}}<div class="signer">
<p><i>Ngày .......... tháng .......... năm ..........</i></p>
<p><b>{{.}}</b></p>
<p><i>(Ký, ghi rõ họ tên)</i></p>
</div>
{{end}}</body>
</html>
`
