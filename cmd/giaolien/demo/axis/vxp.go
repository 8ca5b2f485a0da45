package axis

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

const prefix = "XroadVnpt-"

// vxp answers one call of VXP.
func (a *Axis) vxp(w http.ResponseWriter, r *http.Request) {
	op := strings.Trim(r.URL.Path, "/")
	f := a.draw(op)
	if before(w, f) {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller has gone
	}
	system, err := a.signed(r)
	if err == nil && op == "sendEdoc" {
		err = hashFits(r.Header.Get(prefix+"hash-file"), body)
	}
	if err != nil {
		a.failed(w, "401", err.Error())
		return
	}
	a.mu.Lock()
	fields, err := a.perform(op, system, r.Header, body)
	a.mu.Unlock()
	if err != nil {
		a.failed(w, "1", err.Error())
		return
	}
	fields["status"] = "OK"
	if fields["ErrorCode"] = any("0"); a.even() {
		fields["ErrorCode"] = 0
	}
	fields["ErrorDesc"] = ""
	reply(w, fields, f)
}

func (a *Axis) even() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.random.IntN(2) == 0
}

func (a *Axis) failed(w http.ResponseWriter, code, text string) {
	reply(w, map[string]any{"status": "FAIL", "ErrorCode": code, "ErrorDesc": text}, "")
}

// signed verifies a call: the HMAC over the text as it was sent, each pair of it against the real field, and the list of names.
func (a *Axis) signed(r *http.Request) (string, error) {
	system := r.Header.Get(prefix + "systemid")
	account, ok := a.o.Systems[system]
	if !ok {
		return "", errors.New("unknown system id")
	}
	text := r.Header.Get(prefix + "sign-header")
	mac := hmac.New(sha256.New, []byte(account.Secret))
	mac.Write([]byte(text))
	if got, err := hex.DecodeString(r.Header.Get(prefix + "hash-header")); err != nil || !hmac.Equal(got, mac.Sum(nil)) {
		return "", errors.New("signature does not fit")
	}
	names, err := pairs(text, r.Header)
	if err != nil {
		return "", err
	}
	if strings.Join(names, ";") != r.Header.Get(prefix+"sign-header-key") {
		return "", errors.New("names do not fit what was signed")
	}
	for _, must := range []string{"systemid", "timestamp", "Content-Type"} {
		if !strings.Contains(";"+strings.Join(names, ";")+";", ";"+must+";") {
			return "", fmt.Errorf("%s is not signed", must)
		}
	}
	return system, a.fresh(r.Header.Get(prefix + "timestamp"))
}

// pairs reads the signed text in its order.
func pairs(text string, header http.Header) ([]string, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("what was signed is no object")
	}
	var names []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		value, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, ok := strings.CutPrefix(fmt.Sprint(key), prefix)
		if !ok || header.Get(prefix+name) != value {
			return nil, fmt.Errorf("field %v is not what was signed", key)
		}
		names = append(names, name)
	}
	return names, nil
}

// fresh compares a timestamp with the clock.
func (a *Axis) fresh(stamp string) error {
	whole, millis, ok := strings.Cut(stamp, "+")
	at, err := time.ParseInLocation("02012006T150405", whole, time.FixedZone("+07", 7*60*60))
	if !ok || len(millis) != 4 || err != nil {
		return errors.New("timestamp has another form")
	}
	if off := a.o.Now().Sub(at).Abs(); a.o.MaxSkew > 0 && off > a.o.MaxSkew {
		return errors.New("timestamp is too far off")
	}
	return nil
}

// hashFits accepts both spellings of the digest.
func hashFits(said string, body []byte) error {
	sum := sha256.Sum256(body)
	var loose strings.Builder
	for _, c := range sum {
		fmt.Fprintf(&loose, "%x", c)
	}
	if said != hex.EncodeToString(sum[:]) && said != loose.String() {
		return errors.New("hash-file does not fit the file")
	}
	return nil
}

// perform does what a call asks for. The caller holds mu.
func (a *Axis) perform(op, system string, header http.Header, body []byte) (map[string]any, error) {
	param := func(name string) string { return header.Get(prefix + name) }
	kind := edxml.Kind(param("messagetype"))
	switch op {
	case "getAgenciesListQD20", "getAgenciesList":
		return map[string]any{"data": a.agencies(op == "getAgenciesListQD20")}, nil
	case "sendEdoc":
		id, err := a.take(system, kind, body)
		return map[string]any{"DocId": id}, err
	case "getReceivedEdocList":
		list := []map[string]any{}
		for _, p := range a.listed(system, kind, false) {
			list = append(list, map[string]any{"docId": p.docID, "serviceType": "eDoc", "messageType": string(p.kind), "created_time": stamp(p.created),
				"updated_time": stamp(p.created), "from": p.from, "to": p.to, "status": p.status, "status_desc": p.desc})
		}
		return map[string]any{"data": list}, nil
	case "getSentEdocList":
		list := []map[string]any{}
		for _, p := range a.listed(system, kind, true) {
			if id := param("docId"); id != "" && id != p.docID {
				continue
			}
			list = append(list, map[string]any{"serviceType": "eDoc", "messageType": string(p.kind), "senderDocId": p.docID, "receiverDocId": p.peer, "fromCode": p.from,
				"toCode": p.to, "title": p.title, "notation": p.code, "sentTime": stamp(p.created), "sendStatus": "done"})
		}
		return map[string]any{"data": list}, nil
	case "getEdoc":
		p := a.mine(system, param("docId"))
		if p == nil {
			return nil, errors.New("document not found")
		}
		return map[string]any{"data": encoded(p.body)}, nil
	case "updateStatus":
		if p := a.mine(system, param("docId")); p == nil || !a.setStatus(p, param("status")) {
			return nil, errors.New("document not found")
		}
		return map[string]any{}, nil
	}
	return nil, errors.New("unknown service")
}

// take stores what was sent. The caller holds mu.
func (a *Axis) take(system string, kind edxml.Kind, body []byte) (string, error) {
	in, err := read(body)
	if err != nil {
		return "", err
	}
	if in.kind != kind {
		return "", errors.New("messagetype is not that of the package")
	}
	for _, to := range in.to {
		if !a.known(to) {
			return "", fmt.Errorf("receiver %s is unknown", to)
		}
	}
	id, _ := a.put(system, in, body)
	return id, nil
}

// stamp is the form of times in lists.
func stamp(at time.Time) string {
	return at.In(time.FixedZone("+07", 7*60*60)).Format("2006/01/02 15:04:05")
}

// agencies writes one of the two lists.
func (a *Axis) agencies(qd20 bool) []map[string]any {
	list := []map[string]any{}
	for _, l := range a.o.Agencies {
		if qd20 && directory.FormOf(l.Code) == directory.QD20 {
			list = append(list, map[string]any{"id": l.ID, "code": l.Code, "name": l.Name, "mail": l.Mail, "code102": l.Old})
		} else if !qd20 {
			code, old := l.Old, ""
			if code == "" {
				code = l.Code
			} else {
				old = l.Code
			}
			list = append(list, map[string]any{"id": l.ID, "pid": l.Parent, "code": code, "oldCode": old, "name": l.Name, "mail": l.Mail})
		}
	}
	return list
}
