package edxml

import (
	"fmt"
	"io"

	"github.com/giaolien/giaolien/parser/vanban"
)

// Contents opens the contents of the document's file of that index. What it gives is read once, to its end, and closed when it is an
// io.Closer.
type Contents func(index int) (io.Reader, error)

// Encode writes the document as a package: in the order of the official builder, absent fields left out, every file as it is in base64. An
// invalid document is refused with *InvalidError, one with a mark of secrecy with ErrSecret, both before anything is written. After any
// other error (of w, of the contents, or ErrContents when a file has not the size that it should) what was written is no package.
func Encode(w io.Writer, e Edoc, contents Contents) error {
	e = e.normal()
	if err := ready(secrecy(e.Secrecy, e.fields()), e.check); err != nil {
		return fmt.Errorf("encode document: %w", err)
	}
	out := newWriter(w)
	out.envelope(func() {
		out.group("edXMLHeader", func() {
			out.group("MessageHeader", func() { out.header(&e) })
			out.group("TraceHeaderList", func() { out.trace(&e) })
		})
		out.group("edXMLBody", func() { out.manifest(e.Files) })
	})
	if len(e.Files) > 0 {
		out.plain = true
		out.begin("AttachmentEncoded")
		for i := range e.Files {
			if err := out.attachment(&e.Files[i], i, contents); err != nil {
				return fmt.Errorf("encode file %d: %w", i, err)
			}
		}
		out.end()
	}
	out.close()
	return out.finish()
}

// ready refuses what bears a mark of secrecy before anything else of it is looked at, and then what is invalid.
func ready(mark vanban.Secrecy, check func() []Finding) error {
	if mark != "" {
		return ErrSecret
	}
	if found := check(); Refused(found) {
		return &InvalidError{found}
	}
	return nil
}

// EncodeStatus writes the status as a package, under the same conditions.
func EncodeStatus(w io.Writer, s Status) error {
	s = s.normal()
	if err := ready(secrecy(s.Secrecy, s.fields()), s.check); err != nil {
		return fmt.Errorf("encode status: %w", err)
	}
	out := newWriter(w)
	out.envelope(func() {
		out.group("edXMLHeader", func() {
			out.group("MessageHeader", func() {
				out.group("From", func() { out.organ(&s.From) })
				out.reference(&s.About)
				out.staff(&s.Staff)
				out.text("StatusCode", string(s.Code))
				out.text("Description", s.Description)
				out.stamp("Timestamp", s.At)
			})
		})
	})
	out.close()
	return out.finish()
}

// envelope opens the package and writes its envelope.
func (w *writer) envelope(body func()) {
	w.raw(`<?xml version="1.0" encoding="UTF-8"?>`, "\n", `<edXML xmlns="`, Namespace, `">`)
	w.open = append(w.open, "edXML")
	w.begin("edXMLEnvelope", `xmlns:edXML="`+Namespace+`"`)
	body()
	w.end()
}

func (w *writer) close() {
	w.end()
	w.raw("\n")
}

func (w *writer) header(e *Edoc) {
	w.group("From", func() { w.organ(&e.From) })
	for i := range e.To {
		w.group("To", func() { w.organ(&e.To[i]) })
	}
	w.text("DocumentId", e.DocumentID)
	w.group("Code", func() {
		w.text("CodeNumber", e.Number)
		w.text("CodeNotation", e.Notation)
	})
	w.group("PromulgationInfo", func() {
		w.text("Place", e.Place)
		w.day("PromulgationDate", e.Date)
	})
	w.group("DocumentType", func() {
		w.number("Type", e.Type.Number)
		w.amount("TypeDetail", e.Type.Detail)
		w.text("TypeName", e.Type.Name)
	})
	w.text("Subject", e.Subject)
	w.text("Content", e.Content)
	if e.Signer != (Signer{}) {
		w.group("SignerInfo", func() {
			w.text("Competence", e.Signer.Authority)
			w.text("Position", e.Signer.Position)
			w.text("FullName", e.Signer.Name)
		})
	}
	w.day("DueDate", e.Due)
	w.group("OtherInfo", func() { w.other(&e.Other) })
	for i := range e.Answers {
		w.reference(&e.Answers[i])
	}
	w.number("SteeringType", int(e.Steering))
	w.list("ResponseForTask", "TaskCode", e.Tasks)
	w.text("ApplicationType", e.Application)
	w.list("ToPlaces", "Place", e.ToPlaces)
}

func (w *writer) organ(o *Organ) {
	w.text("OrganId", o.ID)
	w.text("OrganizationInCharge", o.InCharge)
	w.text("OrganName", o.Name)
	w.text("OrganAdd", o.Address)
	w.text("Email", o.Email)
	w.text("Telephone", o.Phone)
	w.text("Fax", o.Fax)
	w.text("Website", o.Website)
}

func (w *writer) other(o *Other) {
	w.number("Priority", int(o.Priority))
	w.text("SphereOfPromulgation", o.Sphere)
	w.text("TyperNotation", o.Typist)
	w.amount("PromulgationAmount", o.Copies)
	w.amount("PageAmount", o.Pages)
	w.text("ReplyFors", o.ReplyFors)
	w.text("ReferenceCodes", o.ReferenceCodes)
	if o.Direction {
		w.text("Direction", "true")
	}
	w.list("Appendixes", "Appendix", o.Appendixes)
}

// list writes a group of texts, or nothing when there are none.
func (w *writer) list(group, name string, list []string) {
	if len(list) == 0 {
		return
	}
	w.group(group, func() {
		for _, s := range list {
			w.text(name, s)
		}
	})
}

func (w *writer) reference(r *Reference) {
	w.group("ResponseFor", func() {
		w.text("OrganId", r.OrganID)
		w.text("Code", r.Code)
		w.text("DocumentId", r.DocumentID)
		w.day("PromulgationDate", r.Date)
	})
}

func (w *writer) staff(s *Staff) {
	if *s == (Staff{}) {
		return
	}
	w.group("StaffInfo", func() {
		w.text("Department", s.Department)
		w.text("DepartmentId", s.DepartmentID)
		w.text("Staff", s.Name)
		w.text("StaffId", s.ID)
		w.text("Email", s.Email)
		w.text("Mobile", s.Mobile)
	})
}

func (w *writer) trace(e *Edoc) {
	w.group("Bussiness", func() {
		b := &e.Business
		w.text("DocumentId", b.DocumentID)
		w.number("BussinessDocType", int(b.Kind))
		w.text("BussinessDocReason", b.Reason)
		w.flag("Paper", b.Paper)
		w.update(b.Update)
		w.replacements(b.Replaces)
		w.staff(&b.Staff)
	})
	for _, h := range e.Trace {
		w.group("TraceHeader", func() {
			w.text("OrganId", h.OrganID)
			w.stamp("Timestamp", h.At)
		})
	}
}

func (w *writer) update(u *Update) {
	if u == nil {
		return
	}
	w.group("BussinessDocumentInfo", func() {
		w.flag("DocumentInfo", u.Document)
		w.flag("DocumentReceiver", u.Receivers)
		if len(u.List) == 0 {
			return
		}
		w.group("ReceiverList", func() {
			for _, r := range u.List {
				w.group("Receiver", func() {
					w.text("OrganId", r.OrganID)
					w.number("ReceiverType", r.Kind)
				})
			}
		})
	})
}

func (w *writer) replacements(list []Replacement) {
	if len(list) == 0 {
		return
	}
	w.group("ReplacementInfoList", func() {
		for _, r := range list {
			w.group("ReplacementInfo", func() {
				w.text("DocumentId", r.DocumentID)
				w.list("OrganIdList", "OrganId", r.OrganIDs)
			})
		}
	})
}

func (w *writer) manifest(files []File) {
	w.begin("edXMLManifest", `version="1.0"`)
	for i := range files {
		f := &files[i]
		w.group("Reference", func() {
			w.text("ContentId", "cid:"+f.ContentID)
			w.text("ContentType", f.Type)
			w.text("Description", f.Description)
			w.text("AttachmentName", f.Name)
		})
	}
	w.end()
}

// attachment writes a file. Its contents are the one element with the prefix outside the envelope, as the official builder has it.
func (w *writer) attachment(f *File, index int, contents Contents) (err error) {
	w.begin("Attachment")
	w.text("ContentId", "cid:"+f.ContentID)
	w.text("AttachmentName", f.Name)
	w.text("Description", f.Description)
	w.text("ContentType", f.Type)
	w.indent()
	w.raw(`<edXML:ContentTransferEncoded xmlns:edXML="`, Namespace, `">`)
	r, err := contents(index)
	if err != nil {
		return err
	}
	if c, ok := r.(io.Closer); ok {
		defer func() {
			if cerr := c.Close(); err == nil {
				err = cerr
			}
		}()
	}
	n, err := w.base64(r, f.Size)
	if err != nil {
		return err
	}
	if n != f.Size {
		return fmt.Errorf("%d bytes announced: %w", f.Size, ErrContents)
	}
	w.raw("</edXML:ContentTransferEncoded>")
	w.end()
	return w.err
}
