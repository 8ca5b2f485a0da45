package axis

import (
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/giaolien/giaolien/mapping/edxml"
)

// rest answers one call of LGSP REST v2.2.
func (a *Axis) rest(w http.ResponseWriter, r *http.Request) {
	op := path.Base(r.URL.Path)
	f := a.draw(op)
	if before(w, f) {
		return
	}
	system := r.Header.Get("X-SystemId")
	if account, ok := a.o.Systems[system]; !ok || account.Secret != r.Header.Get("X-SecretKey") {
		restFailed(w, "15", "SystemId hoặc SecretKey không đúng")
		return
	}
	switch r.Method + " " + op {
	case "POST sendEdoc":
		a.restSend(w, r, system, f)
	case "GET syncReceivedEdocList":
		a.restList(w, r, system, f)
	case "GET getEdoc":
		a.restGet(w, r, system, f)
	case "POST updateStatus":
		a.restStatus(w, r, system, f)
	default:
		http.NotFound(w, r)
	}
}

func restFailed(w http.ResponseWriter, code, text string) {
	reply(w, map[string]any{"success": false, "errorCode": code, "message": text}, "")
}

func (a *Axis) restOK(w http.ResponseWriter, data any, f Fault) {
	code := any("0")
	if a.even() {
		code = 0
	}
	reply(w, map[string]any{"success": true, "errorCode": code, "data": data}, f)
}

func (a *Axis) restSend(w http.ResponseWriter, r *http.Request, system string, f Fault) {
	if err := r.ParseMultipartForm(64 << 20); err != nil {
		restFailed(w, "10", "Tệp không hợp lệ")
		return
	}
	file, _, err := r.FormFile("edocFile")
	if err != nil {
		restFailed(w, "10", "Thiếu tệp")
		return
	}
	defer file.Close()
	body, err := io.ReadAll(file)
	if err != nil {
		restFailed(w, "21", "Không xử lý được tệp")
		return
	}
	in, err := read(body)
	if err != nil || in.kind != edxml.Kind(r.FormValue("messageType")) {
		restFailed(w, "22", "Sai định dạng edXML")
		return
	}
	a.mu.Lock()
	id, unknown := "", ""
	for _, to := range in.to {
		if !a.known(to) {
			unknown = to
		}
	}
	if unknown == "" {
		id, _ = a.put(system, in, body)
	}
	a.mu.Unlock()
	if unknown != "" {
		restFailed(w, "18", "Đơn vị nhận "+unknown+" không tồn tại")
		return
	}
	a.restOK(w, map[string]any{"docId": id}, f)
}

func (a *Axis) restList(w http.ResponseWriter, r *http.Request, system string, f Fault) {
	from, to := r.FormValue("fromDate"), r.FormValue("toDate")
	list := []map[string]any{}
	a.mu.Lock()
	for _, p := range a.listed(system, edxml.Kind(r.FormValue("messageType")), false) {
		if day := stamp(p.created)[:10]; day < from || day > to {
			continue
		}
		list = append(list, map[string]any{"docId": p.docID, "messageType": string(p.kind), "from": p.from, "to": p.to, "createdTime": stamp(p.created), "status": p.status})
	}
	a.mu.Unlock()
	a.restOK(w, list, f)
}

func (a *Axis) restGet(w http.ResponseWriter, r *http.Request, system string, f Fault) {
	a.mu.Lock()
	p := a.mine(system, r.FormValue("docId"))
	a.mu.Unlock()
	if p == nil {
		restFailed(w, "21", "Không tìm thấy văn bản")
		return
	}
	body := string(p.body)
	if f == CutBase64 {
		body = body[:len(body)*2/3]
	}
	a.restOK(w, map[string]any{"docId": p.docID, "from": p.from, "edxml": body, "attachments": []string{}}, f)
}

func (a *Axis) restStatus(w http.ResponseWriter, r *http.Request, system string, f Fault) {
	var asked struct{ DocID, Status string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		restFailed(w, "10", "Nội dung không đúng")
		return
	}
	a.mu.Lock()
	p := a.mine(system, asked.DocID)
	ok := p != nil && a.setStatus(p, strings.ToLower(asked.Status))
	a.mu.Unlock()
	if !ok {
		restFailed(w, "21", "Không tìm thấy văn bản")
		return
	}
	a.restOK(w, nil, f)
}
