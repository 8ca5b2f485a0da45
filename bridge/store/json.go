package store

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/giaolien/giaolien/bridge"
)

// The forms that `explain --json` and `waiting --json` print: an instant that is not known is "", a list is never null (CLI.md).

// optional is an instant that may be unknown.
type optional time.Time

// MarshalJSON implements json.Marshaler.
func (o optional) MarshalJSON() ([]byte, error) {
	t := time.Time(o)
	if t.IsZero() {
		return []byte(`""`), nil
	}
	return t.UTC().MarshalJSON()
}

// shownUID is a UID as people read it.
type shownUID struct {
	Folder      int64  `json:"folder"`
	UIDValidity uint32 `json:"uidvalidity"`
	UID         uint32 `json:"uid"`
}

func shown(k bridge.UIDKey) shownUID { return shownUID{k.Folder, k.UIDValidity, k.UID} }

// MarshalJSON implements json.Marshaler.
func (e Explanation) MarshalJSON() ([]byte, error) {
	type plain Explanation
	e.Receipt.Documents = filled(e.Receipt.Documents)
	return json.Marshal(struct {
		plain
		SettledAt optional `json:"settled_at"`
	}{plain(e), optional(e.SettledAt)})
}

// MarshalJSON implements json.Marshaler.
func (d Delivery) MarshalJSON() ([]byte, error) {
	type plain Delivery
	return json.Marshal(struct {
		plain
		InternalDate optional `json:"internaldate"`
		FetchedAt    optional `json:"fetched_at"`
		StoredAt     optional `json:"stored_at"`
	}{plain(d), optional(d.InternalDate), optional(d.FetchedAt), optional(d.StoredAt)})
}

// MarshalJSON implements json.Marshaler.
func (o MadeOutcome) MarshalJSON() ([]byte, error) {
	type plain MadeOutcome
	o.Documents = filled(o.Documents)
	return json.Marshal(plain(o))
}

// MarshalJSON implements json.Marshaler.
func (u DeliveredUID) MarshalJSON() ([]byte, error) {
	type plain DeliveredUID
	return json.Marshal(struct {
		plain
		Key shownUID `json:"key"`
	}{plain(u), shown(u.Key)})
}

// MarshalJSON implements json.Marshaler. The bytes of the notice are a mail in ASCII, and shown as such.
func (n SentNotice) MarshalJSON() ([]byte, error) {
	type plain SentNotice
	type rendered struct {
		MessageID    string `json:"message_id"`
		EnvelopeFrom string `json:"envelope_from"`
		EnvelopeTo   string `json:"envelope_to"`
		Text         string `json:"text"`
	}
	r := n.Rendered
	return json.Marshal(struct {
		plain
		Rendered   rendered `json:"rendered"`
		MadeAt     optional `json:"made_at"`
		CountedAt  optional `json:"counted_at"`
		ReleasedAt optional `json:"released_at"`
		DeferredAt optional `json:"deferred_at"`
		FirstTry   optional `json:"first_try"`
		SentAt     optional `json:"sent_at"`
		SettledAt  optional `json:"settled_at"`
		GatheredAt optional `json:"gathered_at"`
	}{plain(n), rendered{r.MessageID, r.EnvelopeFrom, r.EnvelopeTo, string(r.Bytes)}, optional(n.MadeAt), optional(n.CountedAt),
		optional(n.ReleasedAt), optional(n.DeferredAt), optional(n.FirstTry), optional(n.SentAt), optional(n.SettledAt),
		optional(n.GatheredAt)})
}

// MarshalJSON implements json.Marshaler.
func (i OpenItem) MarshalJSON() ([]byte, error) {
	type plain OpenItem
	return json.Marshal(struct {
		plain
		UID        shownUID `json:"uid"`
		Since      optional `json:"since"`
		RegisterBy optional `json:"register_by"`
	}{plain(i), shown(i.UID), optional(i.Since), optional(i.RegisterBy)})
}

// fillLists makes every nil list and map in v an empty one. Bytes are no list.
func fillLists(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fillLists(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				fillLists(f)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		if v.IsNil() {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			fillLists(v.Index(i))
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for iter := v.MapRange(); iter.Next(); {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(iter.Value())
			fillLists(value)
			v.SetMapIndex(iter.Key(), value)
		}
	}
}
