package register

import "github.com/giaolien/giaolien/parser/vanban"

// Confidential says whether the words of a line must not be shown: it stands in a book of secrets, or a mark of secrecy was found.
func (e Entry) Confidential() bool {
	return e.Kind == Secret || e.State == Blanked || e.Document.DoMat != ""
}

// Facts is the line as it may be shown, printed and exported. Of a confidential one stay the facts of its coming and going (number, days,
// who sent it, who handles it and until when) and its độ mật; what it says and what was said about it is left out, also where the database
// still held it. The note of a line in the book of secrets stays: nothing of a document may be written there in the first place.
func (e Entry) Facts() Entry {
	if !e.Confidential() {
		return e
	}
	secrecy := e.Document.DoMat
	e.Document = vanban.New()
	e.Document.DoMat = secrecy
	e.Relations, e.Answer = nil, ""
	if e.Kind != Secret {
		e.Note = ""
	}
	directions := make([]Direction, len(e.Directions))
	for i, d := range e.Directions {
		d.Text = ""
		directions[i] = d
	}
	e.Directions = directions
	return e
}
