package outbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// WebhookOptions say where a webhook goes and how it is signed.
type WebhookOptions struct {
	Name      string
	URL       string                                  // https; http only to a listed address of this machine
	Hosts     []string                                // the only hosts that it may go to
	Addresses []netip.Prefix                          // private addresses that are allowed all the same
	Roots     *x509.CertPool                          // authorities to believe; nil: those of the system
	Secrets   func(context.Context) ([]string, error) // keys of the signature, the newest first; asked each time
	Embed     int64                                   // files go along in the body as long as they are no larger than that together
	Timeout   time.Duration                           // of a whole call; 10 s
	Now       func() time.Time
}

// Webhook is a target that takes deliveries as signed JSON (docs/webhook.md). It is idempotent by the id of the delivery, so it is not asked
// before a resend.
type Webhook struct {
	o      WebhookOptions
	url    *url.URL
	client *http.Client
}

// maxHookAnswer bounds what is read of an answer.
const maxHookAnswer = 1 << 20

// NewWebhook checks the address and makes the target. Nothing is connected.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	u, err := url.Parse(o.URL)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return nil, fmt.Errorf("webhook %s: url is no plain address; write https://host/path", o.Name)
	case !slices.Contains(o.Hosts, strings.ToLower(u.Hostname())):
		return nil, fmt.Errorf("webhook %s: host %s is not listed in hosts", o.Name, u.Hostname())
	}
	if u.Scheme != "https" {
		ip, err := netip.ParseAddr(u.Hostname())
		if u.Scheme != "http" || err != nil || !ip.IsLoopback() {
			return nil, fmt.Errorf("webhook %s: url must begin with https:// (http only to a loopback address)", o.Name)
		}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Timeout = orDefault(o.Timeout, 10*time.Second)
	transport := &http.Transport{DialContext: guardedDialer(o.Addresses, o.Timeout).DialContext, DisableCompression: true, ForceAttemptHTTP2: true,
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots}, TLSHandshakeTimeout: o.Timeout, MaxIdleConns: 2,
		IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10}
	return &Webhook{o: o, url: u, client: &http.Client{Transport: transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Name implements bridge.Target.
func (w *Webhook) Name() string { return w.o.Name }

// Withdraws implements bridge.Withdrawer.
func (w *Webhook) Withdraws() bool { return true }

// Deliver implements bridge.Target.
func (w *Webhook) Deliver(ctx context.Context, d bridge.Dispatch, files bridge.Files) (bridge.DispatchReply, error) {
	if d.Payload.Record.Document.DoMat != "" {
		return bridge.DispatchReply{}, fmt.Errorf("%w: %w", bridge.ErrPermanent, edxml.ErrSecret)
	}
	body, err := hookBodyOf(ctx, d, files, w.o.Embed)
	if err != nil {
		return bridge.DispatchReply{}, err
	}
	req, err := w.request(ctx, d, body)
	if err != nil {
		return bridge.DispatchReply{}, err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return bridge.DispatchReply{}, hookTransport(err)
	}
	defer resp.Body.Close()
	return judgeHook(d.ID, resp, w.o.Now())
}

// request signs the body: HMAC-SHA256 over timestamp, a point and the body, once for each secret.
func (w *Webhook) request(ctx context.Context, d bridge.Dispatch, body []byte) (*http.Request, error) {
	secrets, err := w.o.Secrets(ctx)
	if err != nil {
		return nil, &bridge.TargetError{Code: "webhook-secret", Reply: "Không đọc được khóa ký của webhook.", Shut: true, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	stamp := strconv.FormatInt(w.o.Now().Unix(), 10)
	var signatures []string
	for _, s := range secrets {
		signatures = append(signatures, "v1="+Sign(s, stamp, body))
	}
	for name, value := range map[string]string{"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "giaolien",
		"Idempotency-Key": d.ID, "Giaolien-Delivery": d.ID, "Giaolien-Event": string(d.Event), "Giaolien-Timestamp": stamp,
		"Giaolien-Signature": strings.Join(signatures, ",")} {
		req.Header.Set(name, value)
	}
	return req, nil
}

// Sign gives the signature of a body: hexadecimal HMAC-SHA256 over timestamp, a point and the body.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// hookTransport says whether a connection failed for a reason that waiting cannot mend. Its words do not repeat the address, which may hold a
// key.
func hookTransport(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	e := &bridge.TargetError{Code: "webhook-connection", Reply: "Không kết nối được tới hệ thống đích.", Err: err}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case errors.Is(err, errAddress):
		e.Code, e.Reply, e.Shut = "webhook-address", "Địa chỉ IP của hệ thống đích không được phép (xem addresses trong [[target]]).", true
	case untrusted:
		e.Code, e.Reply, e.Shut = "webhook-certificate", "Chứng thư TLS của hệ thống đích không đáng tin cậy.", true
	}
	return e
}

// hookAnswer is what a receiver says.
type hookAnswer struct {
	Accepted bool            `json:"accepted"`
	ID       json.RawMessage `json:"id"`
	Delivery string          `json:"delivery"`
	Message  string          `json:"message"`
}

// judgeHook reads an answer. Taken is only what the receiver says in JSON that it has stored; everything else is tried again or goes to a person.
func judgeHook(id string, resp *http.Response, now time.Time) (bridge.DispatchReply, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxHookAnswer+1))
	text := "HTTP " + strconv.Itoa(resp.StatusCode)
	var a hookAnswer
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // none is no JSON
	read := err == nil && len(data) <= maxHookAnswer && kind == "application/json" && json.Unmarshal(data, &a) == nil
	if read && a.Message != "" {
		text += ": " + a.Message
	}
	e := &bridge.TargetError{Code: "webhook-" + strconv.Itoa(resp.StatusCode), Reply: text, After: retryAfter(resp.Header.Get("Retry-After"), now),
		Err: errors.New(http.StatusText(resp.StatusCode))}
	remote := remoteID(a.ID)
	switch status := resp.StatusCode; {
	case err != nil:
		e.Code, e.Reply, e.Err = "webhook-truncated", text+": câu trả lời bị cắt cụt.", err
	case status/100 == 2 && read && a.Accepted && remote != "" && (a.Delivery == "" || a.Delivery == id):
		return bridge.DispatchReply{RemoteID: remote, Text: text}, nil
	case status == http.StatusConflict && read && a.Delivery == id && remote != "":
		return bridge.DispatchReply{RemoteID: remote, Text: text + ": đã có từ trước"}, nil
	case status/100 == 2:
		e.Code, e.Reply = "webhook-answer", text+": câu trả lời không xác nhận đã lưu văn bản."
	case status/100 == 3:
		e.Shut = true
	case status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound || status == http.StatusMethodNotAllowed ||
		status == http.StatusProxyAuthRequired: // about the login or the address, not about the delivery
		e.Shut = true
	case status == http.StatusRequestTimeout || status == http.StatusTooEarly || status == http.StatusTooManyRequests:
	case status/100 == 4:
		e.Err = fmt.Errorf("%w: %w", bridge.ErrPermanent, e.Err)
	}
	return bridge.DispatchReply{}, e
}

// remoteID is the receiver's own id: a text or a number.
func remoteID(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return strings.TrimSpace(text)
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String()
	}
	return ""
}

// retryAfter is how long the receiver wants to be left alone (RFC 9110, 10.2.3).
func retryAfter(v string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// Check implements bridge.Checker: the host is found, all its addresses are allowed, and the secret can be read. Nothing is sent.
func (w *Webhook) Check(ctx context.Context) error {
	if _, err := w.o.Secrets(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, w.o.Timeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", w.url.Hostname())
	if err != nil {
		return fmt.Errorf("find host of url: %w", err)
	}
	for _, ip := range addresses {
		if !allowed(ip, w.o.Addresses) {
			return fmt.Errorf("host of url leads to %s, which is a private address: list it in addresses if it is meant", ip.Unmap())
		}
	}
	return nil
}
