package axis

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/edxml"
)

// incoming is what the axis reads of a package.
type incoming struct {
	kind       edxml.Kind
	from       string
	to         []string
	documentID string
	code       string
	date       string
	title      string
	change     edxml.Change
	reason     string
	status     edxml.StatusCode
}

// read takes what is needed to pass a package on.
func read(body []byte) (incoming, error) {
	p, err := edxml.Decode(bytes.NewReader(body), edxml.Limits{}, nil)
	if err != nil {
		return incoming{}, err
	}
	if p.Refused() {
		return incoming{}, fmt.Errorf("package is refused: %v", p.Findings)
	}
	if p.Kind == edxml.KindStatus {
		s := p.Status
		return incoming{kind: p.Kind, from: s.From.ID, to: []string{s.About.OrganID}, documentID: s.About.DocumentID, code: s.About.Code, date: s.About.Date, status: s.Code}, nil
	}
	e := p.Edoc
	in := incoming{kind: p.Kind, from: e.From.ID, documentID: e.DocumentID, code: e.Code(), date: e.Date, title: e.Subject, change: e.Business.Kind, reason: e.Business.Reason}
	for _, to := range e.To {
		in.to = append(in.to, to.ID)
	}
	if len(in.to) == 0 || organOf(in.to) == "" {
		return incoming{}, errors.New("package names no receiver")
	}
	return in, nil
}

// passedOn makes of a package what the axis passes on: one more trace, and the elements of the header in another order.
func passedOn(body []byte, hop string, at time.Time) []byte {
	trace := "<edXML:TraceHeader><edXML:OrganId>" + hop + "</edXML:OrganId><edXML:Timestamp>" +
		at.In(time.FixedZone("+07", 7*60*60)).Format("2006/01/02 15:04:05") + "</edXML:Timestamp></edXML:TraceHeader>"
	return bytes.Replace(turned(body), []byte("</edXML:TraceHeaderList>"), []byte(trace+"</edXML:TraceHeaderList>"), 1)
}

// turned puts the children of MessageHeader into the reverse order. What cannot be read stays as it is.
func turned(body []byte) []byte {
	x := xml.NewDecoder(bytes.NewReader(body))
	var names []string
	var starts, ends []int64
	for {
		before := x.InputOffset()
		token, err := x.RawToken()
		if err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return body
		}
		inHeader := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "MessageHeader")
		switch t := token.(type) {
		case xml.StartElement:
			if inHeader {
				starts = append(starts, before)
			}
			names = append(names, t.Name.Local)
		case xml.EndElement:
			names = names[:max(len(names)-1, 0)]
			if len(names) > 0 && strings.HasSuffix(names[len(names)-1], "MessageHeader") {
				ends = append(ends, x.InputOffset())
			}
			if t.Name.Local == "MessageHeader" {
				return reversed(body, starts, ends)
			}
		}
	}
	return body
}

func reversed(body []byte, starts, ends []int64) []byte {
	if len(starts) == 0 || len(starts) != len(ends) {
		return body
	}
	out := append([]byte{}, body[:starts[0]]...)
	for i := len(starts) - 1; i >= 0; i-- {
		out = append(out, body[starts[i]:ends[i]]...)
		out = append(out, '\n')
	}
	return append(out, body[ends[len(ends)-1]:]...)
}
