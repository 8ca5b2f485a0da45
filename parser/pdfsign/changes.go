package pdfsign

import (
	"errors"
	"slices"
)

const maxChanges = 5000 // objects of later revisions that are compared

// objects compares every object that a later table names.
func (x *comparison) objects() {
	x.fresh = map[int64]bool{}
	seen := map[int64]bool{}
	for _, s := range x.tail {
		for _, e := range s.entries {
			if seen[e.num] {
				continue
			}
			seen[e.num] = true
			if len(seen) > maxChanges {
				x.grade(levelUnknown, "more objects were appended than are compared")
				return
			}
			x.entry(e.num)
			if x.worst >= levelDocument {
				return
			}
		}
	}
}

// entry compares one object.
func (x *comparison) entry(num int64) {
	was, before := x.old.find(num)
	is, after := x.d.now.find(num)
	switch {
	case !before && after:
		x.fresh[num] = true // seen only where something that was changed, or x.references finds, leads to it
		return
	case !before || before && after && was == is:
		return
	case !after:
		x.grade(levelDocument, "an object was taken away")
		return
	}
	a, err := x.old.load(num)
	b, err2 := x.d.now.load(num)
	switch err := errors.Join(err, err2); {
	case errors.Is(err, errLarge), err != nil && x.d.rep.Encrypted:
		x.grade(levelUnknown, "an object that was changed cannot be read")
	case err != nil: // readers guess
		x.grade(levelDocument, "an object was replaced by something broken")
	default:
		x.object(num, &a, &b)
	}
}

// object grades the change of an object by what it is for.
func (x *comparison) object(num int64, a, b *object) {
	root := x.old.trailer().get("Root")
	catalog := x.old.value(root)
	form := catalog.get("AcroForm")
	dss := catalog.get("DSS")
	v, w := &a.value, &b.value
	switch {
	case a.stream > 0 || b.stream > 0:
		x.streams(a, b)
	case v.equal(w):
	case v.kind == array && w.kind == array:
		x.list(v, w)
	case v.kind != dict || w.kind != dict || v.twice || w.twice:
		x.grade(levelDocument, "an object was replaced")
	case root.isRef(num):
		x.catalog(v, w)
	case form.isRef(num):
		x.form(v, w)
	case dss.isRef(num), x.old.value(dss).get("VRI").isRef(num):
		x.validation(v, w)
	case x.old.trailer().get("Info").isRef(num):
		x.info(v, w)
	case v.get("Type").isName("Page") && w.get("Type").isName("Page"):
		x.page(v, w)
	default:
		x.annotation(v, w)
	}
}

// streams grades a changed stream: only a description of the document as XMP, and tables, are not seen.
func (x *comparison) streams(a, b *object) {
	both := func(key, want string) bool { return a.value.get(key).isName(want) && b.value.get(key).isName(want) }
	if a.stream > 0 && b.stream > 0 && (both("Type", "Metadata") && both("Subtype", "XML") || both("Type", "XRef")) {
		return
	}
	x.grade(levelDocument, "a stream was replaced")
}

// differing lists the keys whose values are not written alike in two dictionaries. Of dictionaries that are too large it is one that
// nobody allows to be changed.
func differing(a, b *value) []string {
	if len(a.keys) > maxCompared || len(b.keys) > maxCompared {
		return []string{""}
	}
	var out []string
	for _, k := range slices.Concat(a.keys, b.keys) {
		if !slices.Contains(out, k) && !a.get(k).equal(b.get(k)) {
			out = append(out, k)
		}
	}
	return out
}

// catalog grades a changed catalog (ISO 32000-2, 7.7.2).
func (x *comparison) catalog(a, b *value) {
	for _, k := range differing(a, b) {
		switch k {
		case "Version", "Extensions", "Metadata":
		case "DSS":
			x.grade(levelValidation, "")
		case "AcroForm":
			was, err := x.old.resolve(a.get(k))
			is, err2 := x.d.now.resolve(b.get(k))
			if err != nil || err2 != nil || is.value.kind != dict {
				x.grade(levelDocument, "the form was replaced")
				return
			}
			x.form(&was.value, &is.value)
		default:
			x.grade(levelDocument, "the catalog was changed: "+keyNote(k))
		}
	}
}

// form grades a changed form (12.7.3).
func (x *comparison) form(a, b *value) {
	for _, k := range differing(a, b) {
		switch {
		case k == "SigFlags", (k == "DR" || k == "DA") && !a.has(k):
		case k == "Fields":
			x.lists(a.get(k), b.get(k))
		default:
			x.grade(levelDocument, "the form was changed: "+keyNote(k))
		}
	}
}

// page grades a changed page (7.7.3.3): only further annotations are looked at.
func (x *comparison) page(a, b *value) {
	for _, k := range differing(a, b) {
		if k != "Annots" {
			x.grade(levelDocument, "a page was changed: "+keyNote(k))
			return
		}
		x.lists(a.get(k), b.get(k))
	}
}

// validation grades a changed DSS or VRI (12.8.4.3). A forger may have made it serve as the resources of a page as well, so that all in it
// must be what only these dictionaries hold.
func (x *comparison) validation(a, b *value) {
	if !x.only(x.old, a) || !x.only(x.d.now, b) {
		x.grade(levelDocument, "an object was replaced")
		return
	}
	x.grade(levelValidation, "")
}

// only says whether a dictionary holds nothing but lists of certificates and answers, or signatures' own dictionaries of such lists.
func (x *comparison) only(view view, v *value) bool {
	for i, k := range v.keys {
		e, ok := &v.list[i], true
		switch {
		case k == "Type":
			ok = e.isName("DSS") || e.isName("VRI")
		case k == "Certs" || k == "OCSPs" || k == "CRLs" || k == "Cert" || k == "OCSP" || k == "CRL":
			list := view.value(e)
			ok = list.kind == array && !slices.ContainsFunc(list.list, func(e value) bool { return e.kind != ref })
		case k == "TU":
			ok = e.text()
		case k == "TS":
			ok = e.kind == ref
		case k == "VRI", len(k) == 40: // VRI names signatures by SHA-1
			o, err := view.resolve(e)
			ok = err == nil && o.value.kind == dict && o.stream == 0
			if ok && len(k) == 40 {
				ok = !slices.ContainsFunc(o.value.keys, func(k string) bool { return !slices.Contains(vriKeys, k) })
			}
		default:
			ok = false
		}
		if !ok {
			return false
		}
	}
	return true
}

// vriKeys are the keys that the dictionary of one signature in a VRI has (table 262).
var vriKeys = []string{"Type", "Cert", "CRL", "OCSP", "TU", "TS"}

// info grades changed words about the document (14.3.3).
func (x *comparison) info(a, b *value) {
	for _, v := range []*value{a, b} {
		for i, k := range v.keys {
			if e := &v.list[i]; !e.text() && k != "Trapped" {
				x.grade(levelDocument, "an object was replaced")
				return
			}
		}
	}
}

// lists grades lists of fields or annotations, given directly or by reference.
func (x *comparison) lists(a, b *value) {
	was, err := x.old.resolve(a)
	is, err2 := x.d.now.resolve(b)
	if was.value.kind == null {
		was.value.kind = array
	}
	if err != nil || err2 != nil || is.value.kind != array {
		x.grade(levelDocument, "a list of fields or annotations was replaced")
		return
	}
	x.list(&was.value, &is.value)
}

// list grades what was put at the end of a list.
func (x *comparison) list(a, b *value) {
	if len(b.list) < len(a.list) {
		x.grade(levelDocument, "something was taken out of a list")
		return
	}
	for i := range a.list {
		if !a.list[i].equal(&b.list[i]) {
			x.grade(levelDocument, "something in a list was replaced")
			return
		}
	}
	for i := range b.list[len(a.list):] {
		e := &b.list[len(a.list)+i]
		if e.kind != ref {
			x.grade(levelDocument, "something was put into a list")
			return
		}
		l, done := x.kinds[e.n]
		if !done {
			l = x.added(e)
			x.kinds[e.n] = l
		}
		x.grade(l, "something was put into a list")
	}
}

// added grades what a list was made longer by.
func (x *comparison) added(e *value) level {
	o, err := x.d.now.resolve(e)
	v := &o.value
	if err != nil || v.kind != dict || v.twice || o.stream > 0 {
		return levelDocument
	}
	t, contents := v.get("Type"), x.d.now.value(v.get("Contents"))
	if t.kind != null && !t.isName("Annot") || contents.kind != null && !contents.text() || v.has("Resources") || v.has("MediaBox") || v.has("Kids") {
		return levelDocument // it may serve as a page as well
	}
	if v.has("A") || v.has("AA") {
		return levelDocument // it does something
	}
	if v.get("FT").isName("Sig") || x.d.now.value(v.get("Parent")).get("FT").isName("Sig") {
		return x.signature(v)
	}
	if v.has("Subtype") && v.has("Rect") {
		return levelMarks
	}
	return levelDocument
}

// signature grades a field of a signature by its value: it must be one that was found and covers more than the one in question.
func (x *comparison) signature(v *value) level {
	s := v.get("V")
	if s.kind == null {
		s = x.d.now.value(v.get("Parent")).get("V")
	}
	for i := range x.d.found {
		c := &x.d.found[i]
		if !s.isRef(c.object.num) || c.fault != "" && c.fault != Removed {
			continue
		}
		probe := Signature{}
		x.d.stand(&probe, &c.dict)
		x.d.claims(&probe, &c.dict)
		switch {
		case probe.Fault != "" || probe.End() <= x.end:
		case probe.Stamp && shows(v):
			return levelMarks // anyone gets a time-stamp, and could put any picture upon a page with it
		case probe.Stamp:
			return levelValidation
		default:
			return levelSignatures
		}
	}
	return levelMarks
}

// shows says whether a widget may be seen.
func shows(v *value) bool {
	r := v.get("Rect").list
	return v.has("AP") && (len(r) != 4 || !r[0].equal(&r[2]) && !r[1].equal(&r[3]))
}

// filled are the keys of a field that signing it may change.
var filled = []string{"V", "AP", "AS", "M", "F", "MK", "DA", "DR"}

// annotation grades a changed annotation or field.
func (x *comparison) annotation(a, b *value) {
	sig := a.get("FT").isName("Sig") || x.old.value(a.get("Parent")).get("FT").isName("Sig")
	signedBefore := a.has("V") || x.old.value(a.get("Parent")).has("V")
	t := a.get("Type")
	switch {
	case sig && signedBefore:
		x.grade(levelDocument, "a signature was changed")
	case sig:
		for _, k := range differing(a, b) {
			if !slices.Contains(filled, k) {
				x.grade(levelDocument, "a field was changed: "+keyNote(k))
				return
			}
		}
		x.grade(x.signature(b), "a field was changed")
	case t.kind != null && !t.isName("Annot"), !a.has("Subtype"), !a.has("Rect"), a.has("Kids"), a.has("Resources"):
		x.grade(levelDocument, "an object was replaced")
	case !a.get("Subtype").equal(b.get("Subtype")), !t.equal(b.get("Type")):
		x.grade(levelDocument, "an object was replaced")
	default:
		x.grade(levelMarks, "an annotation or a value of the form was changed")
	}
}

// keyNote gives a key for a note, unless it is none of the usual ones: notes quote nothing.
func keyNote(k string) string {
	for i := range len(k) {
		if c := k[i] | 0x20; len(k) > 20 || c < 'a' || c > 'z' {
			return "?"
		}
	}
	return k
}
