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
