package pdfsign

const (
	maxFields    = 10_000 // of a form
	maxFieldName = 300    // runes
)

// candidate is a dictionary that may be a signature.
type candidate struct {
	object object
	dict   value  // the dictionary, which may stand inside of object
	field  string // full name
	fault  Fault
}

// searchForm looks for signatures where readers do: in the fields of the form (ISO 32000-2, 12.7.5.5).
func (d *document) searchForm() {
	if !d.sound {
		return
	}
	root, err := d.now.resolve(d.now.trailer().get("Root"))
	if err != nil || root.value.kind != dict {
		d.problem(Tables, "the catalog cannot be read")
		d.sound, d.rep.Revisions = false, 0 // readers repair such a file
		return
	}
	perms := d.now.value(root.value.get("Perms"))
	for _, key := range []string{"UR3", "UR"} {
		if r := perms.get(key); r.kind == ref {
			d.rights = r.n
		}
	}
	form, err := d.now.resolve(root.value.get("AcroForm"))
	fields, err2 := d.now.resolve(form.value.get("Fields"))
	if err != nil || err2 != nil {
		d.problem(Tables, "the form cannot be read")
		return
	}
	w := formWalk{d: d, seen: map[int64]bool{}, left: maxFields}
	for i := range fields.value.list {
		w.field(&fields.value.list[i], "", "", 0)
	}
	d.walked = !w.failed
	if w.failed {
		d.problem(Tables, "fields of the form cannot be read")
	}
}

type formWalk struct {
	d      *document
	seen   map[int64]bool
	left   int
	failed bool
}

// field looks at a field and at those below it. Its kind is inherited (12.7.4.1).
func (w *formWalk) field(x *value, parent, kind string, depth int) {
	if x.kind == ref {
		if w.seen[x.n] {
			return
		}
		w.seen[x.n] = true
	}
	w.left--
	o, err := w.d.now.resolve(x)
	if err != nil || w.left < 0 || depth > w.d.lim.Depth {
		w.failed = true
		return
	}
	f := &o.value
	full := parent
	if t := w.d.now.value(f.get("T")); t.text() && !w.d.rep.Encrypted {
		full = words(t.s, maxFieldName)
		if parent != "" {
			full = words(parent+"."+full, maxFieldName)
		}
	}
	if ft := w.d.now.value(f.get("FT")); ft.kind == name {
		kind = ft.s
	}
	if v := f.get("V"); v.kind != null {
		w.value(o, v, full, kind)
	}
	kids := w.d.now.value(f.get("Kids"))
	for i := range kids.list {
		w.field(&kids.list[i], full, kind, depth+1)
	}
}

// value looks at the value of a field.
func (w *formWalk) value(field object, v *value, full, kind string) {
	o, err := field, error(nil)
	if v.kind == ref {
		o, err = w.d.now.load(v.n)
		v = &o.value
	}
	c := candidate{object: o, dict: *v, field: full}
	switch {
	case err != nil && kind == "Sig":
		c.fault = Unreadable
	case err != nil || v.kind != dict || kind != "Sig" && !signs(v):
		return // no signature, or a field that is still to be signed
	case o.at < 0:
		c.fault = Hidden
	}
	w.d.take(c)
}

// signs says whether a dictionary is one of a signature.
func signs(v *value) bool {
	t := v.get("Type")
	return t.isName("Sig") || t.isName("DocTimeStamp") || v.has("ByteRange")
}

// take keeps a candidate, each dictionary once.
func (d *document) take(c candidate) {
	for i := range d.found {
		k := &d.found[i]
		if k.object.num == c.object.num && k.dict.at == c.dict.at && k.object.at == c.object.at && c.fault != Unreadable {
			return
		}
	}
	if len(d.found) >= d.lim.Signatures {
		d.dropped = true
		d.problem(Limit, "more signatures than are looked at")
		return
	}
	d.found = append(d.found, c)
}
