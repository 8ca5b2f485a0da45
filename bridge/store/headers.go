package store

import (
	"github.com/giaolien/giaolien/bridge"
)

// headedRow is a UID of which only the header block was taken, with the receipt of that.
type headedRow struct {
	Folder      int64  `db:"folder"`
	UIDValidity uint32 `db:"uidvalidity"`
	UID         uint32 `db:"uid"`
	Receipt     string `db:"receipt"`
	HeadersOnly bool   `db:"headers_only"` // no other UID has completed the receipt since
	Imported    bool   `db:"imported"`
	Live        bool   `db:"live"`
}

// headersOf is the identity of a header block that came without its message, empty for a whole message.
func headersOf(a bridge.Stored) string {
	if !a.HeadersOnly {
		return ""
	}
	return hexOf(a.Content())
}

// recallHeaders reads which header blocks came before, and of which UIDs only the header block is here.
func (i *intake) recallHeaders(contents []contentKey) error {
	var headers []contentKey
	var uids []uidRow
	for n, a := range i.in {
		switch {
		case a.HeadersOnly:
			headers = append(headers, contents[n])
		case a.UID.Folder != 0:
			uids = append(uids, uidRow{Folder: a.UID.Folder, UIDValidity: a.UID.UIDValidity, UID: a.UID.UID})
		}
	}
	if len(headers) > 0 {
		var receipts []standing
		if err := i.all(i.q.KnownHeaders, &receipts, args{"rows": batch{headers}}); err != nil {
			return err
		}
		for _, r := range receipts {
			i.known[r.contentKey] = r
		}
		if err := i.recallWhole(); err != nil {
			return err
		}
	}
	i.headed = map[bridge.UIDKey]headedRow{}
	if len(uids) == 0 {
		return nil
	}
	var rows []headedRow
	if err := i.all(i.q.HeadedUIDs, &rows, args{"rows": batch{uids}}); err != nil {
		return err
	}
	for _, r := range rows {
		i.headed[bridge.UIDKey{Folder: r.Folder, UIDValidity: r.UIDValidity, UID: r.UID}] = r
	}
	return nil
}

// recallWhole reads which messages of header blocks are here whole already.
func (i *intake) recallWhole() error {
	var origins []map[string]string
	for _, a := range i.in {
		if a.HeadersOnly {
			origins = append(origins, map[string]string{"origin": bridge.OriginIMAP(a.UID)})
		}
	}
	var deliveries []struct {
		Origin  string `db:"origin"`
		Receipt string `db:"receipt"`
		Joined  bool   `db:"joined"`
	}
	if err := i.all(i.q.KnownDeliveries, &deliveries, args{"rows": batch{origins}}); err != nil {
		return err
	}
	for _, d := range deliveries {
		i.answers[d.Origin] = bridge.Put{Receipt: d.Receipt, Joined: d.Joined, Known: true}
	}
	return nil
}

// fetchedWhole answers a header block that comes after its message, as from a daemon which lost its lease for a while: nothing is written.
func (i *intake) fetchedWhole(a bridge.Stored) bool {
	if !a.HeadersOnly {
		return false
	}
	put, known := i.answers[bridge.OriginIMAP(a.UID)]
	if known && put.Known {
		i.answers[a.Origin] = put
	}
	return known && put.Known
}

// completes says whether an arrival is the message of a receipt that has only its header: it takes that receipt over. Of several UIDs with
// one header the first does; another one with the same content is joined to it then, and with another content it is a message of its own.
func (i *intake) completes(a bridge.Stored) bool {
	r, ok := i.headed[a.UID]
	if !ok || a.HeadersOnly || !r.HeadersOnly {
		return false
	}
	for k, other := range i.headed {
		if other.Receipt == r.Receipt {
			other.HeadersOnly = false
			i.headed[k] = other
		}
	}
	return true
}

// writeWhole puts messages in the place of their header blocks. The jobs are locked first: a commit in between would be lost.
func (i *intake) writeWhole() error {
	if len(i.whole) == 0 {
		return nil
	}
	type completeRow struct {
		ID       string `json:"id"`
		Content  string `json:"content"`
		Origin   string `json:"origin"`
		Imported bool   `json:"imported"`
	}
	ids := make([]string, len(i.whole))
	rows := make([]completeRow, len(i.whole))
	contents := make([]map[string]string, len(i.whole))
	for n, a := range i.whole {
		content := hexOf(a.Content())
		ids[n] = i.answers[a.Origin].Receipt
		rows[n] = completeRow{ids[n], content, a.Origin, a.Imported}
		contents[n] = map[string]string{"content": content}
	}
	if err := i.revive(Process, ids...); err != nil {
		return err
	}
	if _, err := i.exec(i.q.AddMessages, args{"rows": batch{contents}}); err != nil {
		return err
	}
	_, err := i.exec(i.q.CompleteReceipt, args{"rows": batch{rows}})
	return err
}
