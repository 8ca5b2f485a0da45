package axis

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// LGSP is an account on a provincial platform, by its REST interface v2.2: who we are travels with each call in two header fields.
type LGSP struct{ *caller }

// NewLGSP checks the options. Nothing is connected yet.
func NewLGSP(o Options) (*LGSP, error) {
	c, err := newCaller(o)
	if err != nil {
		return nil, err
	}
	return &LGSP{c}, nil
}

// lgspCodes says what the codes of this face mean for another try. 20 is a fault of the server and passes; 15 (system id or key) is ours to
// mend, and then everything goes on. All others are about the package or its parties: a person decides.
func lgspCodes(code string) (cause error, final bool) {
	switch code {
	case "10", "18", "19", "21", "22", "23": // file; receiver unknown; sender not registered; file processing; edXML format; receiver locked
		return bridge.ErrUntouched, true
	case "15":
		return errors.Join(bridge.ErrLogin, bridge.ErrUntouched), false
	}
	return nil, false
}

func (l *LGSP) header(ctx context.Context, op, contentType string) (http.Header, error) {
	secret, err := l.o.Secret(ctx)
	if err == nil && (!plain(secret) || secret == "") {
		err = errors.New("the secret cannot stand in a header")
	}
	if err != nil {
		return nil, bridge.NewAxisError(op, 0, "", "", errors.Join(bridge.ErrUntouched, bridge.ErrLogin, err), false)
	}
	return http.Header{"X-SystemId": {l.o.SystemID}, "X-SecretKey": {secret}, "Content-Type": {contentType}, "Accept": {jsonType}, "User-Agent": {userAgent(l.o.Version)}}, nil
}

// ask makes a call without a package and reads its whole answer.
func (l *LGSP) ask(ctx context.Context, op, method, query, body string, most int64) (reply, error) {
	header, err := l.header(ctx, op, jsonType)
	if err != nil {
		return reply{}, err
	}
	c := call{op: op, method: method, path: "/v1/" + op + query, header: header, most: most}
	if body != "" {
		c.body, c.size = strings.NewReader(body), int64(len(body))
	}
	a, err := l.do(ctx, c)
	if err != nil {
		return reply{}, err
	}
	answer, err := a.whole()
	if err != nil {
		return reply{}, err
	}
	return understand(op, answer, lgspCodes)
}

// Send implements bridge.Axis. The sender stands in the package alone.
func (l *LGSP) Send(ctx context.Context, _ string, kind edxml.Kind, size int64, r io.ReadSeeker) (string, error) {
	const op = "sendEdoc"
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", bridge.NewAxisError(op, 0, "", "", errors.Join(bridge.ErrUntouched, fmt.Errorf("read package: %w", err)), false)
	}
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", bridge.NewAxisError(op, 0, "", "", errors.Join(bridge.ErrUntouched, err), false)
	}
	boundary := "giaolien" + hex.EncodeToString(random[:])
	before := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"messageType\"\r\n\r\n" + string(kind) +
		"\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"edocFile\"; filename=\"package.edxml\"\r\nContent-Type: " + bytesType + "\r\n\r\n"
	after := "\r\n--" + boundary + "--\r\n"
	header, err := l.header(ctx, op, "multipart/form-data; boundary="+boundary)
	if err != nil {
		return "", err
	}
	a, err := l.do(ctx, call{op: op, method: http.MethodPost, path: "/v1/" + op, header: header, most: smallAnswer,
		body: io.MultiReader(strings.NewReader(before), r, strings.NewReader(after)), size: int64(len(before)+len(after)) + size})
	if err != nil {
		return "", err
	}
	answer, err := a.whole()
	if err != nil {
		return "", err
	}
	said, err := understand(op, answer, lgspCodes)
	if err != nil {
		return "", err
	}
	id := scalar(said.DocID)
	if id == "" {
		id = idIn(said.Data)
	}
	if id == "" {
		return "", bridge.NewAxisError(op, http.StatusOK, "", "no docId in the answer", bridge.ErrUnusable, false)
	}
	return id, nil
}

// idIn finds the id in the data of an answer: an object with it, or it alone.
func idIn(data json.RawMessage) string {
	var object struct {
		DocID json.RawMessage `json:"docId"`
	}
	if json.Unmarshal(data, &object) == nil {
		if id := scalar(object.DocID); id != "" {
			return id
		}
	}
	return scalar(data)
}

// Received implements bridge.Axis. Days are all that can be asked for.
func (l *LGSP) Received(ctx context.Context, kind edxml.Kind, since time.Time) ([]bridge.AxisItem, error) {
	const op = "syncReceivedEdocList"
	q := url.Values{"messageType": {string(kind)}, "fromDate": {day(since)}, "toDate": {day(l.o.Now().AddDate(0, 0, 1))}}
	r, err := l.ask(ctx, op, http.MethodGet, "?"+q.Encode(), "", l.o.MaxList)
	if err != nil {
		return nil, err
	}
	return items(op, r.Data, kind, l.caller)
}

// day is a day as this face writes it.
func day(at time.Time) string { return at.In(vietnam()).Format("2006/01/02") }

// Fetch implements bridge.Axis.
func (l *LGSP) Fetch(ctx context.Context, docID string) (io.ReadCloser, error) {
	const op = "getEdoc"
	header, err := l.header(ctx, op, jsonType)
	if err != nil {
		return nil, err
	}
	a, err := l.do(ctx, call{op: op, method: http.MethodGet, path: "/v1/" + op + "?" + url.Values{"docId": {docID}}.Encode(), header: header, most: l.o.MaxPackage})
	if err != nil {
		return nil, err
	}
	return open(a, lgspCodes, "data", "edxml")
}

// Ack implements bridge.Axis.
func (l *LGSP) Ack(ctx context.Context, docID string, t bridge.AxisTransport) error {
	const op = "updateStatus"
	body, err := json.Marshal(map[string]string{"docId": docID, "status": string(t)})
	if err != nil {
		return fmt.Errorf("axis call %s: %w", op, err)
	}
	_, err = l.ask(ctx, op, http.MethodPost, "", string(body), smallAnswer)
	return err
}

// Sent implements bridge.Axis. There is no list of what was sent. Where our agencies' inbox is the account's own, it tells; elsewhere nobody
// can be asked.
func (l *LGSP) Sent(ctx context.Context, q bridge.AxisQuestion) ([]bridge.AxisSent, error) {
	if !l.o.SharedInbox {
		return nil, bridge.NewAxisError("sent", 0, "", "", errors.Join(bridge.ErrCannotAsk, bridge.ErrUntouched), false)
	}
	list, err := l.Received(ctx, q.Kind, q.Since.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	var out []bridge.AxisSent
	for _, i := range list {
		if s := (bridge.AxisSent{DocID: i.DocID, ReceiverID: i.DocID, From: i.From, To: i.To, At: i.Created}); mayBe(s, q) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Agencies implements bridge.Axis: this face has no such list.
func (l *LGSP) Agencies(context.Context) ([]directory.Listed, error) {
	return nil, bridge.NewAxisError("agencies", 0, "", "", errors.Join(bridge.ErrCannotAsk, bridge.ErrUntouched), true)
}
