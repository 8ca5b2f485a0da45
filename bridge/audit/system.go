package audit

import (
	"strconv"
	"time"
)

// NewKnowledgeActivated: decisions are made with these versions from now on. by is the person who activated them, when one did.
func NewKnowledgeActivated(at time.Time, by string, v Versions) Event {
	return newEvent(KnowledgeActivated, at, "", by, v.into(map[string]string{}), nil)
}

// NewRulesProposed: a person proposes this version of the rules, and another is to confirm it. refused of the looked-at mails of the last
// month are those that it would have refused.
func NewRulesProposed(at time.Time, by, rules, reason string, refused, looked int) Event {
	return newEvent(RulesProposed, at, "", by, map[string]string{
		"rules": rules, "reason": reason, "refused": strconv.Itoa(refused), "looked": strconv.Itoa(looked),
	}, nil)
}

// NewRulesActivated: this version of the rules decides from now on. by is who activated it, confirmed the second person, where two are asked.
func NewRulesActivated(at time.Time, by, confirmed, rules, reason string, refused, looked int) Event {
	return newEvent(RulesActivated, at, "", by, map[string]string{
		"rules": rules, "reason": reason, "confirmed_by": confirmed, "refused": strconv.Itoa(refused), "looked": strconv.Itoa(looked),
	}, nil)
}

// NewAlarmRaised: something that a person must hear of, once per key.
func NewAlarmRaised(at time.Time, key, code string) Event {
	return newEvent(AlarmRaised, at, "", Program, map[string]string{"key": key, "code": code}, nil)
}

// NewAlarmCleared: the cause of the alarm is gone.
func NewAlarmCleared(at time.Time, key string) Event {
	return newEvent(AlarmCleared, at, "", Program, map[string]string{"key": key}, nil)
}

// NewDeliveryQueued: a delivery of this id tells a target, the route, of an event of a record; sum is the digest of what it is told.
func NewDeliveryQueued(at time.Time, receipt, id, record, route, event string, sum [32]byte) Event {
	return newEvent(DeliveryQueued, at, receipt, Program, map[string]string{
		"delivery": id, "record": record, "route": route, "event": event, "sha256": digest(sum),
	}, nil)
}

// NewDeliveryRetried: a person lets a delivery that had failed be tried again.
func NewDeliveryRetried(at time.Time, receipt, id, by string) Event {
	return newEvent(DeliveryRetried, at, receipt, by, map[string]string{"delivery": id}, nil)
}

// NewDeliveryCancelled: a delivery was taken back, by a person or by the program, for this reason (a code).
func NewDeliveryCancelled(at time.Time, receipt, id, by, reason string) Event {
	return newEvent(DeliveryCancelled, at, receipt, by, map[string]string{"delivery": id, "reason": reason}, nil)
}

// NewDeliveryHandedOver: the document system took a record over by this route, and answered with this reference.
func NewDeliveryHandedOver(at time.Time, receipt, record, route, reference string, sum [32]byte) Event {
	return newEvent(DeliveryHandedOver, at, receipt, Program, map[string]string{
		"record": record, "route": route, "reference": reference, "sha256": digest(sum),
	}, nil)
}

// NewDeliveryFailed: the document system did not take a record, for this reason (a code), and a person is needed.
func NewDeliveryFailed(at time.Time, receipt, record, route, reason string, attempts int) Event {
	return newEvent(DeliveryFailed, at, receipt, Program, map[string]string{
		"record": record, "route": route, "reason": reason, "attempts": number(attempts),
	}, nil)
}
