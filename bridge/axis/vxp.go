package axis

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// VXP is an account on the axis as the official adapter speaks to it (observed on the wire with SDKVXP-2.0.1): parameters travel as header
// fields, which are signed.
type VXP struct{ *caller }

// NewVXP checks the options. Nothing is connected yet.
func NewVXP(o Options) (*VXP, error) {
	c, err := newCaller(o)
	if err != nil {
		return nil, err
	}
	return &VXP{c}, nil
}

const (
	jsonType  = "application/json"
	bytesType = "application/octet-stream"
)

// signed makes the header of a call out of pairs. A pair without value is filled in: timestamp and Content-Type stand where the official
// builder has them.
func (v *VXP) signed(ctx context.Context, op, contentType string, pairs []pair) (http.Header, error) {
	for i, p := range pairs {
		switch p.name {
		case "systemid":
			pairs[i].value = v.o.SystemID
		case "timestamp":
			pairs[i].value = stamp(v.o.Now())
		case "Content-Type":
			pairs[i].value = contentType
		default:
			if !plain(p.value) || p.value == "" {
				return nil, bridge.NewAxisError(op, 0, "", "", errors.Join(bridge.ErrUntouched, fmt.Errorf("parameter %s cannot stand in a header", p.name)), true)
			}
		}
	}
	secret, err := v.o.Secret(ctx)
	if err != nil {
		return nil, bridge.NewAxisError(op, 0, "", "", errors.Join(bridge.ErrUntouched, bridge.ErrLogin, err), false)
	}
	header := sign(secret, pairs)
	header.Set("User-Agent", userAgent(v.o.Version))
	return header, nil
}

func userAgent(version string) string { return "giaolien/" + version + " XRoad/VPCP" }

// post makes a call without a package and reads its whole answer.
func (v *VXP) post(ctx context.Context, op, body string, most int64, params ...pair) (reply, []byte, error) {
	pairs := append([]pair{{"systemid", ""}}, params...)
	if !hasPair(pairs, "timestamp") {
		pairs = append(pairs, pair{"timestamp", ""}, pair{"Content-Type", ""})
	}
	header, err := v.signed(ctx, op, jsonType, pairs)
	if err != nil {
		return reply{}, nil, err
	}
	a, err := v.do(ctx, call{op: op, method: http.MethodPost, path: "/" + op, header: header, body: strings.NewReader(body), size: int64(len(body)), most: most})
	if err != nil {
		return reply{}, nil, err
	}
	answer, err := a.whole()
	if err != nil {
		return reply{}, nil, err
	}
	r, err := understand(op, answer, unknownCodes)
	return r, answer, err
}

func hasPair(pairs []pair, name string) bool {
	for _, p := range pairs {
		if p.name == name {
			return true
		}
	}
	return false
}

// unknownCodes: nobody has published what the codes of VXP mean, so none of them is final.
func unknownCodes(string) (error, bool) { return nil, false }

// smallAnswer bounds answers that are neither lists nor packages.
const smallAnswer = 1 << 20

// Send implements bridge.Axis.
func (v *VXP) Send(ctx context.Context, from string, kind edxml.Kind, size int64, r io.ReadSeeker) (string, error) {
	const op = "sendEdoc"
	hash, err := v.hash(r, size)
	if err != nil {
		return "", bridge.NewAxisError(op, 0, "", "", errors.Join(bridge.ErrUntouched, err), false)
	}
	header, err := v.signed(ctx, op, bytesType, []pair{{"systemid", ""}, {"servicetype", "eDoc"}, {"messagetype", string(kind)}, {"hash-file", hash},
		{"from", from}, {"timestamp", ""}, {"Content-Type", ""}})
	if err != nil {
		return "", err
	}
	a, err := v.do(ctx, call{op: op, method: http.MethodPost, path: "/" + op, header: header, body: r, size: size, most: smallAnswer})
	if err != nil {
		return "", err
	}
	answer, err := a.whole()
	if err != nil {
		return "", err
	}
	said, err := understand(op, answer, unknownCodes)
	if err != nil {
		return "", err
	}
	id := scalar(said.DocID)
	if id == "" {
		return "", bridge.NewAxisError(op, http.StatusOK, "", "no DocId in the answer", bridge.ErrUnusable, false)
	}
	return id, nil
}

// hash reads the package through and goes back to its beginning.
func (v *VXP) hash(r io.ReadSeeker, size int64) (string, error) {
	h := sha256.New()
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("read package: %w", err)
	}
	n, err := io.Copy(h, r)
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes instead of %d", n, size)
	}
	if err == nil {
		_, err = r.Seek(0, io.SeekStart)
	}
	if err != nil {
		return "", fmt.Errorf("read package: %w", err)
	}
	if v.o.ProperHash {
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	return sdkHex(h.Sum(nil)), nil
}

// Received implements bridge.Axis. This face has no known way to ask for a period.
func (v *VXP) Received(ctx context.Context, kind edxml.Kind, _ time.Time) ([]bridge.AxisItem, error) {
	const op = "getReceivedEdocList"
	r, _, err := v.post(ctx, op, "", v.o.MaxList, pair{"servicetype", "eDoc"}, pair{"messagetype", string(kind)})
	if err != nil {
		return nil, err
	}
	return items(op, r.Data, kind, v.caller)
}

// items reads an inbox's list. An entry without an id says nothing that could be fetched, and one of another kind is not of this list. Where no
// entry has an id, it is no list that we know how to read.
func items(op string, data []byte, kind edxml.Kind, c *caller) ([]bridge.AxisItem, error) {
	list, err := listOf(op, data)
	if err != nil {
		return nil, err
	}
	out := make([]bridge.AxisItem, 0, len(list))
	named := len(list) == 0
	for _, e := range list {
		named = named || e.text("docid") != ""
		item := bridge.AxisItem{DocID: e.text("docid"), Kind: kind, From: e.text("from", "fromcode"), To: e.text("to", "tocode"),
			Created:   c.ours(e.instant("created_time", "createdtime", "createdat", "senttime")),
			Updated:   c.ours(e.instant("updated_time", "updatedtime", "updatedat")),
			Transport: bridge.AxisTransport(strings.ToLower(e.text("status")))}
		if said := edxml.Kind(strings.ToLower(e.text("messagetype"))); item.DocID == "" || said != "" && said != kind {
			continue
		}
		out = append(out, item)
	}
	if !named {
		return nil, bridge.NewAxisError(op, http.StatusOK, "", "no docId in the list", bridge.ErrUnusable, false)
	}
	return out, nil
}

// Fetch implements bridge.Axis.
func (v *VXP) Fetch(ctx context.Context, docID string) (io.ReadCloser, error) {
	const op = "getEdoc"
	// filePath is where the official builder would put the file on our side.
	header, err := v.signed(ctx, op, jsonType, []pair{{"systemid", ""}, {"docId", docID}, {"filePath", "xml"}, {"timestamp", ""}, {"Content-Type", ""}})
	if err != nil {
		return nil, err
	}
	a, err := v.do(ctx, call{op: op, method: http.MethodPost, path: "/" + op, header: header, body: strings.NewReader("{}"), size: 2, most: v.o.MaxPackage})
	if err != nil {
		return nil, err
	}
	return open(a, unknownCodes, "data")
}

// open finds the package in an answer, without holding it.
func open(a *answer, codes func(string) (error, bool), path ...string) (io.ReadCloser, error) {
	in := bufio.NewReaderSize(a, 32<<10)
	head, _ := in.Peek(512) // an error comes again with the next read
	switch begin := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(head), "\xef\xbb\xbf"))); {
	case strings.HasPrefix(begin, "<?xml"), strings.HasPrefix(begin, "<edxml"):
		return &opened{Reader: in, a: a}, nil // a package that stands for itself
	case !strings.HasPrefix(begin, "{"):
		defer a.Close()
		return nil, unusable(a, in)
	}
	if strings.HasPrefix(string(head), "\xef\xbb\xbf") {
		if _, err := in.Discard(3); err != nil {
			defer a.Close()
			return nil, err
		}
	}
	text, seen, err := textIn(in, path...)
	code, words := seen["errorcode"], seen["errordesc"]
	if words == "" {
		words = seen["message"]
	}
	status, success := seen["status"], strings.ToLower(seen["success"])
	refused := code != "" && code != "0" && code != "null" || status != "" && !strings.EqualFold(status, "OK") && !strings.EqualFold(status, "success") || success == "false"
	switch {
	case refused:
		defer a.Close()
		cause, final := codes(code)
		return nil, bridge.NewAxisError(a.op, a.status, code, words, errors.Join(bridge.ErrFail, cause), final)
	case err != nil:
		defer a.Close()
		return nil, bridge.NewAxisError(a.op, a.status, "", words, errors.Join(bridge.ErrUnusable, err), false)
	}
	return &opened{Reader: text, a: a}, nil
}

// unusable says what came instead of an answer.
func unusable(a *answer, in io.Reader) error {
	head, err := io.ReadAll(io.LimitReader(in, 16<<10))
	if err != nil {
		return err
	}
	return bridge.NewAxisError(a.op, a.status, "", wordsOf(head), bridge.ErrUnusable, false)
}

// opened is a package within an answer.
type opened struct {
	io.Reader
	a *answer
}

// Close ends the call.
func (o *opened) Close() error { return o.a.Close() }

// Ack implements bridge.Axis.
func (v *VXP) Ack(ctx context.Context, docID string, t bridge.AxisTransport) error {
	_, _, err := v.post(ctx, "updateStatus", "{}", smallAnswer, pair{"docId", docID}, pair{"timestamp", ""}, pair{"Content-Type", ""}, pair{"status", string(t)})
	return err
}

// Sent implements bridge.Axis. What the list leaves out (the DocumentId) its packages have: who asks may fetch them.
func (v *VXP) Sent(ctx context.Context, q bridge.AxisQuestion) ([]bridge.AxisSent, error) {
	const op = "getSentEdocList"
	params := []pair{{"servicetype", "eDoc"}, {"messagetype", string(q.Kind)}}
	if q.DocID != "" {
		params = append(params, pair{"docId", q.DocID})
	}
	r, _, err := v.post(ctx, op, "", v.o.MaxList, params...)
	if err != nil {
		return nil, err
	}
	list, err := listOf(op, r.Data)
	if err != nil {
		return nil, err
	}
	var out []bridge.AxisSent
	for _, e := range list {
		s := bridge.AxisSent{DocID: e.text("senderdocid", "docid"), ReceiverID: e.text("receiverdocid"), DocumentID: e.text("documentid"),
			From: e.text("fromcode", "from"), To: e.text("tocode", "to"), Code: e.text("notation", "code"), Title: e.text("title", "subject"),
			At: v.ours(e.instant("senttime", "created_time")), Failed: strings.EqualFold(e.text("sendstatus"), "fail")}
		if mayBe(s, q) {
			out = append(out, s)
		}
	}
	return out, nil
}

// Agencies implements bridge.Axis: the list by QĐ 20/2020 has the pairs of codes, the other one the superiors, and some have only that.
func (v *VXP) Agencies(ctx context.Context) ([]directory.Listed, error) {
	lists := make([][]directory.Listed, 2)
	for i, op := range []string{"getAgenciesListQD20", "getAgenciesList"} {
		_, answer, err := v.post(ctx, op, "", v.o.MaxList)
		if err != nil {
			return nil, err
		}
		if lists[i], err = directory.ReadList(answer); err != nil {
			return nil, bridge.NewAxisError(op, http.StatusOK, "", "", errors.Join(bridge.ErrUnusable, err), false)
		}
	}
	return joined(lists[0], lists[1]), nil
}
