package edxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

func edocBytes(e Edoc, files [][]byte) ([]byte, error) {
	var b bytes.Buffer
	err := Encode(&b, e, func(i int) (io.Reader, error) { return bytes.NewReader(files[i]), nil })
	return b.Bytes(), err
}

func statusBytes(s Status) ([]byte, error) {
	var b bytes.Buffer
	err := EncodeStatus(&b, s)
	return b.Bytes(), err
}

// outline lists the elements of a package in their order, as written.
func outline(t testing.TB, b []byte) []string {
	t.Helper()
	var out []string
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok {
			name := s.Name.Local
			if s.Name.Space != "" {
				name = s.Name.Space + ":" + name
			}
			out = append(out, name)
		}
	}
}

func without(list []string, locals ...string) []string {
	return slices.DeleteFunc(list, func(s string) bool {
		return slices.ContainsFunc(locals, func(l string) bool { return s == l || s == "edXML:"+l })
	})
}

// Words and marks that make trouble, none of which is a mark of secrecy.
func wordGen() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"Ủy ban", "nhân dân", "Quảng Trị", "ð", "&", "<Sở>", "]]>", "\"a\"", "'b'", "&amp;", "12/TB", "null", "N/A", "e\u0302\u0301", "\u00a0",
		"\u200b", "Đông", "\r", "\t", "-", "😀", "a"})
}

func phraseGen(longest int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := ""
		for _, w := range rapid.SliceOfN(wordGen(), 0, longest).Draw(t, "words") {
			s += w + " "
		}
		return s
	})
}

func idGen() *rapid.Generator[string] {
	return rapid.StringMatching(`[A-Z][0-9]{2}(\.[0-9A-Z]{1,4}){0,4}|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2}`)
}

func dayGen() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "day"), 0).UTC().Format(time.DateOnly)
	})
}

func timeGen() *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(1, 4e9).Draw(t, "time"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")).UTC()
	})
}

// fill draws every string of a value that is not set yet, so that no field of a package can be forgotten.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			switch v.Type().Field(i).Name {
			case "Secrecy", "Due", "Date", "OrganID": // optional, but of a form of their own
			default:
				fill(t, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			fill(t, v.Elem())
		}
	case reflect.String:
		if v.String() == "" {
			v.SetString(phraseGen(3).Draw(t, v.Type().Name()))
		}
	}
}

func organGen() *rapid.Generator[Organ] {
	return rapid.Custom(func(t *rapid.T) Organ { return Organ{ID: idGen().Draw(t, "id"), Name: "Sở Nội vụ"} })
}

func referenceGen() *rapid.Generator[Reference] {
	return rapid.Custom(func(t *rapid.T) Reference {
		return Reference{OrganID: idGen().Draw(t, "organ"), Code: "267/VPCP-TTĐT", Date: dayGen().Draw(t, "date")}
	})
}

func some[T any](t *rapid.T, g *rapid.Generator[T], most int) []T {
	if list := rapid.SliceOfN(g, 0, most).Draw(t, "list"); len(list) > 0 {
		return list
	}
	return nil
}

// edocGen draws documents that may be written, with every field filled in some of them.
func edocGen() *rapid.Generator[Edoc] {
	return rapid.Custom(func(t *rapid.T) Edoc {
		e := Edoc{
			From: organGen().Draw(t, "from"),
			To:   rapid.SliceOfNDistinct(organGen(), 1, 3, func(o Organ) string { return o.ID }).Draw(t, "to"),
			Date: dayGen().Draw(t, "date"), Number: "12", Notation: "TB-UBND", DocumentID: "H50.12,2026/11/22,12/TB-UBND", Subject: "Về việc họp",
			Type:     DocumentType{rapid.IntRange(0, 2).Draw(t, "type"), rapid.IntRange(0, 32).Draw(t, "detail"), "Thông báo"},
			Answers:  some(t, referenceGen(), 2),
			Steering: Steering(rapid.IntRange(0, 2).Draw(t, "steering")),
			Tasks:    some(t, phraseGen(2), 2), ToPlaces: some(t, phraseGen(3), 3), Application: "MCDT_DT",
			Business: businessGen().Draw(t, "business"),
			Trace:    []Hop{{idGen().Draw(t, "hop"), timeGen().Draw(t, "at")}, {"", timeGen().Draw(t, "at")}},
		}
		e.Other = Other{Priority: Priority(rapid.IntRange(0, 4).Draw(t, "priority")), Copies: rapid.IntRange(0, 999).Draw(t, "copies"),
			Pages: rapid.IntRange(0, 999).Draw(t, "pages"), Direction: rapid.Bool().Draw(t, "direction"), Typist: "NVA", Appendixes: some(t, phraseGen(2), 2)}
		if rapid.Bool().Draw(t, "due") {
			e.Due = dayGen().Draw(t, "due")
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "files") {
			e.Files = append(e.Files, File{ContentID: "f" + string(rune('a'+i)), Name: phraseGen(2).Draw(t, "name") + "tệp.pdf"})
		}
		fill(t, reflect.ValueOf(&e).Elem())
		return e
	})
}

func businessGen() *rapid.Generator[Business] {
	return rapid.Custom(func(t *rapid.T) Business {
		b := Business{Kind: Change(rapid.IntRange(0, 3).Draw(t, "kind")), Reason: "theo đề nghị\r\n của cơ quan nhận\n\nsau kiểm tra", Paper: rapid.Bool().Draw(t, "paper")}
		switch b.Kind {
		case Updated:
			b.Update = &Update{Document: rapid.Bool().Draw(t, "document"), Receivers: rapid.Bool().Draw(t, "receivers")}
			for range rapid.IntRange(0, 2).Draw(t, "changed") {
				b.Update.List = append(b.Update.List, Receiver{idGen().Draw(t, "receiver"), rapid.IntRange(0, 1).Draw(t, "kind")})
			}
		case Replacing:
			for range rapid.IntRange(1, 2).Draw(t, "replaced") {
				b.Replaces = append(b.Replaces, Replacement{"H50.12,2025/01/02,3/TB-UBND", some(t, idGen(), 2)})
			}
		}
		return b
	})
}

func statusGen() *rapid.Generator[Status] {
	return rapid.Custom(func(t *rapid.T) Status {
		s := Status{From: organGen().Draw(t, "from"), About: referenceGen().Draw(t, "about"), Code: rapid.SampledFrom(StatusCodes()).Draw(t, "code"),
			Description: "Văn thư: không đúng thẩm quyền", At: timeGen().Draw(t, "at")}
		s.About.DocumentID = "H50.12,2026/11/22,12/TB-UBND"
		fill(t, reflect.ValueOf(&s).Elem())
		return s
	})
}
