package edxml

// form says how the text of a field is kept.
type form int

const (
	identity form = iota // as it stands, without blanks around it
	line                 // NFC on one line
	lines                // NFC, lines kept
)

// field is one text of a package.
type field struct {
	path  string
	rule  string // number in QCVN 102:2016
	form  form
	max   int  // runes; 0: no length is known
	whole bool // never shortened: a part of it would be another value
	value *string
}

// fields lists the texts of a document but for dates, in the order of the package. Lengths are those of NĐ 30/2020, Phụ lục VI, II, and of
// implementations where it gives none.
func (e *Edoc) fields() []field {
	out := e.From.fields("MessageHeader/From", "1.1")
	for i := range e.To {
		out = append(out, e.To[i].fields(nth("MessageHeader/To", i), "1.2")...)
	}
	h := "MessageHeader/"
	out = append(out,
		field{h + "DocumentId", "1.14", identity, 75, true, &e.DocumentID},
		field{h + "Code/CodeNumber", "1.3", line, 11, true, &e.Number},
		field{h + "Code/CodeNotation", "1.3", line, 30, true, &e.Notation},
		field{h + "PromulgationInfo/Place", "1.4", line, 50, false, &e.Place},
		field{h + "DocumentType/TypeName", "1.5", line, 100, false, &e.Type.Name},
		field{h + "Subject", "1.6", line, 500, false, &e.Subject},
		field{h + "Content", "1.7", lines, 500, false, &e.Content},
		field{h + "SignerInfo/Competence", "1.8", line, 0, false, &e.Signer.Authority},
		field{h + "SignerInfo/Position", "1.8", line, 100, false, &e.Signer.Position},
		field{h + "SignerInfo/FullName", "1.8", line, 50, false, &e.Signer.Name},
		field{h + "OtherInfo/SphereOfPromulgation", "1.11", line, 100, false, &e.Other.Sphere},
		field{h + "OtherInfo/TyperNotation", "1.11", line, 10, true, &e.Other.Typist},
		field{h + "OtherInfo/ReplyFors", "", line, 0, true, &e.Other.ReplyFors},
		field{h + "OtherInfo/ReferenceCodes", "", line, 0, true, &e.Other.ReferenceCodes},
	)
	out = append(out, texts(e.Other.Appendixes, h+"OtherInfo/Appendixes/Appendix", "1.11", line, 0)...)
	for i := range e.Answers {
		out = append(out, e.Answers[i].fields(nth(h+"ResponseFor", i), "1.12")...)
	}
	out = append(out, texts(e.Tasks, h+"ResponseForTask/TaskCode", "", identity, 0)...)
	out = append(out, field{h + "ApplicationType", "", identity, 0, true, &e.Application})
	out = append(out, texts(e.ToPlaces, h+"ToPlaces/Place", "1.10", line, 150)...)
	out = append(out, e.Business.fields()...)
	for i := range e.Trace {
		out = append(out, field{nth("TraceHeaderList/TraceHeader", i) + "/OrganId", "2.1", identity, maxOrganID, true, &e.Trace[i].OrganID})
	}
	for i := range e.Files {
		f, at := &e.Files[i], nth("AttachmentEncoded/Attachment", i)
		out = append(out, field{at + "/ContentId", "", identity, 0, true, &f.ContentID},
			field{at + "/AttachmentName", "", line, maxFileName, false, &f.Name},
			field{at + "/Description", "", line, 500, false, &f.Description},
			field{at + "/ContentType", "", line, 0, true, &f.Type})
	}
	return out
}

// maxOrganID is the length of a mã định danh (QĐ 20/2020, Điều 4), maxFileName that of a file's name, in runes.
const (
	maxOrganID  = 35
	maxFileName = 200
)

func texts(list []string, path, rule string, f form, longest int) []field {
	out := make([]field, len(list))
	for i := range list {
		out[i] = field{nth(path, i), rule, f, longest, false, &list[i]}
	}
	return out
}

func (o *Organ) fields(path, rule string) []field {
	return []field{
		{path + "/OrganId", rule, identity, maxOrganID, true, &o.ID},
		{path + "/OrganizationInCharge", rule, line, 500, false, &o.InCharge},
		{path + "/OrganName", rule, line, 200, false, &o.Name},
		{path + "/OrganAdd", rule, line, 500, false, &o.Address},
		{path + "/Email", rule, line, 100, true, &o.Email},
		{path + "/Telephone", rule, line, 20, true, &o.Phone},
		{path + "/Fax", rule, line, 20, true, &o.Fax},
		{path + "/Website", rule, line, 0, true, &o.Website},
	}
}

func (r *Reference) fields(path, rule string) []field {
	return []field{
		{path + "/OrganId", rule, identity, maxOrganID, true, &r.OrganID},
		{path + "/Code", rule, line, 0, true, &r.Code},
		{path + "/DocumentId", rule, identity, 0, true, &r.DocumentID},
	}
}

func (b *Business) fields() []field {
	at := "TraceHeaderList/Bussiness"
	out := []field{
		{at + "/DocumentId", "2.2.4", identity, 0, true, &b.DocumentID},
		{at + "/BussinessDocReason", "2.2.2", lines, maxReason, false, &b.Reason},
	}
	if b.Update != nil {
		for i := range b.Update.List {
			path := nth(at+"/BussinessDocumentInfo/ReceiverList/Receiver", i)
			out = append(out, field{path + "/OrganId", "2.2.3", identity, maxOrganID, true, &b.Update.List[i].OrganID})
		}
	}
	for i := range b.Replaces {
		r, path := &b.Replaces[i], nth(at+"/ReplacementInfoList/ReplacementInfo", i)
		out = append(out, field{path + "/DocumentId", "2.2.8", identity, 0, true, &r.DocumentID})
		out = append(out, texts(r.OrganIDs, path+"/OrganIdList/OrganId", "2.2.8", identity, maxOrganID)...)
	}
	return append(out, b.Staff.fields(at+"/StaffInfo", "2.2.5")...)
}

// maxReason is how long a reason may be where one is asked for, in runes.
const maxReason = 1000

func (s *Staff) fields(path, rule string) []field {
	return []field{
		{path + "/Department", rule, line, 200, false, &s.Department},
		{path + "/DepartmentId", rule, identity, 0, true, &s.DepartmentID},
		{path + "/Staff", rule, line, 100, false, &s.Name},
		{path + "/StaffId", rule, identity, 0, true, &s.ID},
		{path + "/Email", rule, line, 100, true, &s.Email},
		{path + "/Mobile", rule, line, 20, true, &s.Mobile},
	}
}

// fields lists the texts of a status but for the date.
func (s *Status) fields() []field {
	h := "MessageHeader/"
	out := append(s.From.fields(h+"From", ""), s.About.fields(h+"ResponseFor", "")...)
	out = append(out, s.Staff.fields(h+"StaffInfo", "")...)
	return append(out, field{h + "Description", "", lines, maxReason, false, &s.Description})
}
