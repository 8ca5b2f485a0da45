package axis

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// document makes the edoc of a delivery. A recall names the document and carries no files.
func (t *Target) document(d bridge.Dispatch) (edxml.Edoc, error) {
	from, ok := t.From(d.Payload.Issuer())
	if !ok {
		return edxml.Edoc{}, failed(CodeNoSender, "cơ quan ban hành chưa có mã định danh trong danh bạ; ghi mã vào agencies.csv rồi gửi lại",
			errors.New("issuer has no code"), true)
	}
	to, ok := t.To(d.Payload.Receiver)
	if !ok {
		return edxml.Edoc{}, failed(CodeNoReceiver, "đơn vị nhận chưa có mã định danh; ghi code vào [[agency]]", errors.New("receiving agency has no code"), true)
	}
	record := d.Payload.Record
	business := edxml.Business{}
	switch d.Event {
	case bridge.DispatchUpdated:
		business = edxml.Business{Kind: edxml.Updated, DocumentID: d.DocumentID, Reason: fmt.Sprintf("Cập nhật thông tin văn bản (lần %d)", d.Seq-1),
			Update: &edxml.Update{Document: true}}
	case bridge.DispatchWithdrawn:
		business = edxml.Business{Kind: edxml.Recalled, Reason: fmt.Sprintf("Rút khỏi sổ văn bản đến, số đến %s (lần %d)", d.Payload.SoDen, d.Seq-1)}
		record.Files = nil
	}
	e, _, err := edxml.FromRecord(record, edxml.Sending{From: from, To: []edxml.Organ{to}, At: d.Payload.Registered, DocumentID: d.DocumentID,
		Business: business, Types: t.Types})
	if err != nil {
		return edxml.Edoc{}, unwritable(err)
	}
	return e, nil
}

// contents opens the files of a record in their order.
func contents(ctx context.Context, list []mapping.File, files bridge.Files) edxml.Contents {
	return func(i int) (io.Reader, error) { return files.Open(ctx, list[i].Digest) }
}
