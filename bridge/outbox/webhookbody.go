package outbox

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/parser/vanban"
)

// The body of a webhook (docs/webhook.md). Names are stable, new ones may be added.
type (
	hookBody struct {
		Version    int                  `json:"version"`
		Delivery   string               `json:"delivery"`
		Event      bridge.DispatchEvent `json:"event"`
		Sequence   int                  `json:"sequence"`
		Record     string               `json:"record"`
		Receipt    string               `json:"receipt"`
		Receiver   string               `json:"receiver"`
		Channel    bridge.Channel       `json:"channel"`
		DocumentID string               `json:"document_id"`
		Register   hookRegister         `json:"register"`
		Arrived    string               `json:"arrived_at"`
		Reason     string               `json:"reason"`
		Sender     hookAgency           `json:"sender"`
		Issuer     hookAgency           `json:"issuer"`
		Document   vanban.Document      `json:"document"`
		Signature  string               `json:"signature"`
		Files      []hookFile           `json:"files"`
	}
	hookRegister struct {
		Book   string `json:"book"`
		Number int    `json:"number"`
		Year   int    `json:"year"`
		SoDen  string `json:"so_den"`
		At     string `json:"registered_at"`
	}
	hookAgency struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Code    string `json:"code"`
		Address string `json:"address"`
	}
	hookFile struct {
		Name    string `json:"name"`
		Type    string `json:"type"`
		Size    int64  `json:"size"`
		SHA256  string `json:"sha256"`
		Content string `json:"content,omitempty"` // base64
	}
)

// hookBodyOf writes the body of a delivery: the same bytes for every try. With embed, files go along as long as they are no larger than that
// together; what does not fit goes without its content.
func hookBodyOf(ctx context.Context, d bridge.Dispatch, files bridge.Files, embed int64) ([]byte, error) {
	p := d.Payload
	issuer := p.Issuer()
	b := hookBody{Version: 1, Delivery: d.ID, Event: d.Event, Sequence: d.Seq, Record: d.Record, Receipt: d.Receipt, Receiver: p.Receiver,
		Channel: p.Channel, DocumentID: d.DocumentID, Register: hookRegister{p.Book, p.Number, p.Year, p.SoDen, instant(p.Registered)},
		Arrived: instant(p.Arrived), Reason: p.Reason, Document: p.Record.Document, Signature: string(p.Record.Signature.State), Files: []hookFile{},
		Sender: hookAgency{p.Record.Sender.Agency, p.Record.Sender.Name, p.Record.Sender.Code, p.Record.Sender.Address},
		Issuer: hookAgency{issuer.Agency, issuer.Name, issuer.Code, issuer.Address}}
	b.Document.Files = []string{}
	left := embed
	for _, f := range p.Record.Files {
		b.Document.Files = append(b.Document.Files, f.Digest)
		h := hookFile{Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.Digest}
		if f.Size <= left && d.Event != bridge.DispatchWithdrawn {
			content, err := contentOf(ctx, files, f.Digest)
			if err != nil {
				return nil, err
			}
			left -= f.Size
			h.Content = content
		}
		b.Files = append(b.Files, h)
	}
	out, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode body: %w", err)
	}
	return out, nil
}

func contentOf(ctx context.Context, files bridge.Files, digest string) (string, error) {
	r, err := files.Open(ctx, digest)
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r) // bounded: only files that fit are opened, and their size was compared
	if err != nil {
		return "", fmt.Errorf("read file: %w", err)
	}
	return base64.StdEncoding.EncodeToString(data), nil
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
