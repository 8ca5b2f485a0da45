package edxml

import "strings"

// files joins the list of files with their contents, which belong together by their content id. Files are in the order of their contents; those
// that are only listed follow.
func (t *taker) files(e *Edoc, d *decoding) {
	manifest := d.root.find("edxmlmanifest")
	listed := t.listed(manifest, d.limits.Files)
	for i, p := range d.files {
		f := File{Size: p.size}
		if up := d.at[i].up; up != nil && up.name == "attachment" {
			up.used = true
			f = t.file(up)
			f.Size = p.size
		}
		path := nth("AttachmentEncoded/Attachment", i)
		if !t.join(&f, listed) && manifest != nil {
			t.add(FilesDiffer, Warning, path, "")
		}
		switch {
		case p.tooLarge:
			f.Damaged = true
			t.add(TooLarge, Warning, path, "")
		case p.damaged || Destroyed(p.head):
			f.Damaged = true
		}
		e.Files = append(e.Files, f)
	}
	for i, f := range listed {
		if f != nil {
			f.Missing = true
			t.add(FilesDiffer, Warning, nth("edXMLManifest/Reference", i), "")
			e.Files = append(e.Files, *f)
		}
	}
	d.root.used = true
	if held := d.root.child("attachmentencoded"); held != nil {
		for i, a := range held.all("attachment") {
			if len(a.all("contenttransferencoded")) == 0 {
				t.add(FilesDiffer, Warning, nth("AttachmentEncoded/Attachment", i), "")
				t.file(a)
			}
		}
	}
}

// listed reads the manifest.
func (t *taker) listed(manifest *element, most int) []*File {
	var out []*File
	for _, r := range manifest.all("reference") {
		if len(out) == most {
			t.add(TooMany, Warning, r.path, "")
			break
		}
		f := t.file(r)
		if f.ContentID != "" || f.Name != "" {
			out = append(out, &f)
		}
	}
	return out
}

// file reads what is said of a file, in the manifest or beside its contents.
func (t *taker) file(e *element) File {
	for _, extra := range []string{"format", "fieldname", "mimetype"} { // of one builder: what they say the type says
		e.child(extra)
	}
	return File{ContentID: strings.TrimPrefix(t.text(e, "contentid", identity), "cid:"), Name: baseName(t.text(e, "attachmentname", line)),
		Description: t.text(e, "description", line), Type: t.text(e, "contenttype", line)}
}

// join takes the listed file that the contents belong to, by id or else by name, and fills in what only the list says. What it takes is
// set to nil.
func (t *taker) join(f *File, listed []*File) bool {
	for _, byName := range []bool{false, true} {
		for i, l := range listed {
			if l == nil || !byName && (l.ContentID == "" || l.ContentID != f.ContentID) || byName && (l.Name == "" || l.Name != f.Name) {
				continue
			}
			listed[i] = nil
			for to, from := range map[*string]string{&f.ContentID: l.ContentID, &f.Name: l.Name, &f.Description: l.Description, &f.Type: l.Type} {
				if *to == "" {
					*to = from
				}
			}
			return true
		}
	}
	return false
}
