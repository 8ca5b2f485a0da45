package audit

import "time"

// NewSecretEntered: that a secret came is entered in the secret book under this number. Nothing else of it enters the log.
func NewSecretEntered(at time.Time, receipt, record, number string) Event {
	return newEvent(SecretEntered, at, receipt, Program, map[string]string{"record": record, "number": number}, nil)
}

// NewBookJumped: the database was older than its book (a restore); the numbers from first to last were given before and stay unused.
func NewBookJumped(at time.Time, receiver, book string, year, first, last int) Event {
	return newEvent(BookJumped, at, "", Program, map[string]string{
		"receiver": receiver, "book": book, "year": number(year), "first": number(first), "last": number(last),
	}, nil)
}

// NewBookClosed: the book of a year is closed at this number. A reason is given when receipts of that year were still open; it is a person's
// words and therefore sealed.
func NewBookClosed(at time.Time, receiver, book string, year, last int, by, reason string) Event {
	return newEvent(BookClosed, at, "", by, map[string]string{
		"receiver": receiver, "book": book, "year": number(year), "last": number(last),
	}, map[string]string{"reason": reason})
}

// Line names a line of a book in the log.
type Line struct {
	Record string
	Book   string // kind
	Number string // with the year
}

func (l Line) facts() map[string]string {
	return map[string]string{"record": l.Record, "book": l.Book, "number": l.Number}
}

// NewDirectionGiven: the n-th direction on a document was entered, with its last day. What it says, who gave it and who is to handle the
// document are words of people about a document, and sealed.
func NewDirectionGiven(at time.Time, receipt string, l Line, n int, due, by string, words map[string]string) Event {
	facts := l.facts()
	facts["n"], facts["due"] = number(n), due
	return newEvent(DirectionGiven, at, receipt, by, facts, words)
}

// NewRecordPassedOn: a document was passed on at this instant, and this person signed for it.
func NewRecordPassedOn(at time.Time, receipt string, l Line, passed time.Time, receivedBy, by string) Event {
	facts := l.facts()
	facts["passed_on"] = instant(passed)
	return newEvent(RecordPassedOn, at, receipt, by, facts, map[string]string{"received_by": receivedBy})
}

// NewRecordHandled: the work on a document is done, with the number of the answering document, if there is one.
func NewRecordHandled(at time.Time, receipt string, l Line, answer, by string) Event {
	return newEvent(RecordHandled, at, receipt, by, l.facts(), map[string]string{"answer": answer})
}
