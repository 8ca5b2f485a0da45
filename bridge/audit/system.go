package audit

import "time"

// NewKnowledgeActivated: decisions are made with these versions from now on. by is the person who activated them, when one did.
func NewKnowledgeActivated(at time.Time, by string, v Versions) Event {
	return newEvent(KnowledgeActivated, at, "", by, v.into(map[string]string{}), nil)
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
