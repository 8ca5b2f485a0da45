package audit

import (
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge/policy"
)

// Versions name what a decision was made with.
type Versions struct {
	Program, Knowledge, Rules, Directory, Settings string
}

// into writes the versions into the facts of an event.
func (v Versions) into(facts map[string]string) map[string]string {
	facts["program"], facts["knowledge"], facts["rules"] = v.Program, v.Knowledge, v.Rules
	facts["directory"], facts["settings"] = v.Directory, v.Settings
	return facts
}

// NewOutcomeDecided: what follows from a receipt: state and its reason, the counted instant with its source, and the verdict with rule,
// phase, exemption and versions.
func NewOutcomeDecided(at time.Time, receipt, state, reason string, counted time.Time, source string, d policy.Decision, v Versions) Event {
	return newEvent(OutcomeDecided, at, receipt, Program, v.into(map[string]string{
		"state": state, "reason": reason, "counted": instant(counted), "source": source,
		"verdict": string(d.Verdict), "rule": d.Rule, "phase_from": d.PhaseFrom, "exemption": d.Exemption,
		"reasons": strings.Join(d.Reasons, ","), "agency": d.Agency,
	}), nil)
}

// NewRecordRegistered: a record got its số đến in a book. Number and notation of the document are sealed: should it turn out to be a state
// secret later, nothing that quotes it may stay. Its trích yếu is not in the log at all.
func NewRecordRegistered(at time.Time, receipt, record, soDen, soHieu string) Event {
	return newEvent(RecordRegistered, at, receipt, Program,
		map[string]string{"record": record, "so_den": soDen}, map[string]string{"so_hieu": soHieu})
}

// NewRecordJoined: a second arrival of a registered document was joined to the record that stands.
func NewRecordJoined(at time.Time, receipt, record, standing string) Event {
	return newEvent(RecordJoined, at, receipt, Program, map[string]string{"record": record, "joined_to": standing}, nil)
}

// NewRecordRefused: a record was refused under a rule, or by a person, who is then the actor.
func NewRecordRefused(at time.Time, receipt, record, rule, reason, by string) Event {
	return newEvent(RecordRefused, at, receipt, by, map[string]string{"record": record, "rule": rule, "reason": reason}, nil)
}

// NewRecordHeld: a record waits for a person, for this reason (a code).
func NewRecordHeld(at time.Time, receipt, record, rule, reason string) Event {
	return newEvent(RecordHeld, at, receipt, Program, map[string]string{"record": record, "rule": rule, "reason": reason}, nil)
}

// NewSecretQuarantined: a mark of a state secret was found, of this level (a code) and in this place. Nothing else of the message enters
// the log.
func NewSecretQuarantined(at time.Time, receipt string, raw [32]byte, level, found string) Event {
	return newEvent(SecretQuarantined, at, receipt, Program, map[string]string{
		"raw": digest(raw), "do_mat": level, "found_in": found,
	}, nil)
}

// NewAmendmentMade: a person corrected fields or decided. Names of the fields are public, their values and the reason are sealed.
func NewAmendmentMade(at time.Time, receipt, by, kind string, fields map[string]string, reason string) Event {
	names := make([]string, 0, len(fields))
	sealed := map[string]string{"reason": reason}
	for name, value := range fields {
		names = append(names, name)
		sealed["field."+name] = value
	}
	return newEvent(AmendmentMade, at, receipt, by, map[string]string{"kind": kind, "fields": sortedList(names)}, sealed)
}
