package audit

import "time"

// NewRecordWithdrawn: a person struck a recalled document out of the register; its number stays.
func NewRecordWithdrawn(at time.Time, receipt, record, by string) Event {
	return newEvent(RecordWithdrawn, at, receipt, by, map[string]string{"record": record}, nil)
}

// NewRelationTied: a record does this (a code) to the target.
func NewRelationTied(at time.Time, receipt, record, kind, target string) Event {
	return newEvent(RelationTied, at, receipt, Program, map[string]string{"record": record, "kind": kind, "target": target}, nil)
}

// NewStatusTied: an agency reported a status (a code) of a record, found by this, with this effect.
func NewStatusTied(at time.Time, receipt, record, organ, code, effect, by string) Event {
	return newEvent(StatusTied, at, receipt, Program,
		map[string]string{"record": record, "organ": organ, "code": code, "effect": effect, "found_by": by}, nil)
}
