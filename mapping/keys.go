package mapping

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Key is the duplicate key of a document (NĐ 30/2020, Phụ lục VI): số, ký hiệu, issuing agency and year, folded. The year is that of the
// document's date, or of the counted instant when the date is unknown or OCR is not sure of it. It is empty, and never matches, when the
// number is blank or the agency unknown.
func Key(d vanban.Document, agency string, at time.Time) string {
	so := strings.TrimLeft(d.So, "0")
	if so == "" || agency == "" {
		return ""
	}
	year := strconv.Itoa(at.In(vietnam).Year())
	if len(d.Ngay) >= 4 && !d.Sources["ngay_ban_hanh"].Unsure() {
		year = d.Ngay[:4]
	}
	return strings.Join([]string{vanban.Fold(so), vanban.NotationKey(d.KyHieu), agency, year}, "|")
}

// NumberPrefix opens the number keys of all documents with this số and ký hiệu, whoever issued them and when; empty when the number is blank.
func NumberPrefix(d vanban.Document) string {
	so := strings.TrimLeft(d.So, "0")
	if so == "" {
		return ""
	}
	return vanban.Fold(so) + "|" + vanban.NotationKey(d.KyHieu) + "|"
}

// AgencyOf is the issuing agency in a number key.
func AgencyOf(key string) string {
	parts := strings.Split(key, "|")
	if IsCodeKey(key) || len(parts) < 4 {
		return ""
	}
	return parts[len(parts)-2]
}

// maxIdentity is how long the identity of a document stands in a key as it is, in bytes; a longer one is there by its digest.
const maxIdentity = 150

// codeKey opens the key of a document code, which a number key never begins with: that opens with the number.
const codeKey = "edxml|"

// CodeKey is the duplicate key by the code of a document on the exchange: the code of the agency that gave the identity, and the identity,
// which is compared byte for byte.
func CodeKey(organ, documentID string) string {
	organ, documentID = directory.NormalCode(organ), strings.TrimSpace(documentID)
	if organ == "" || documentID == "" {
		return ""
	}
	if len(documentID) > maxIdentity {
		sum := sha256.Sum256([]byte(documentID))
		documentID = "sha256:" + hex.EncodeToString(sum[:])
	}
	return codeKey + organ + "|" + documentID
}

// IsCodeKey tells the keys of document codes from those of numbers.
func IsCodeKey(key string) bool { return strings.HasPrefix(key, codeKey) }

// maxBeside bounds the agencies beside the issuer that a document may be kept under.
const maxBeside = 8

// Identify gives a record its keys: by its issuer, or while nobody knows whose it is by its sender; and beside it those under which the same
// document stands when it was read with less: under its sender, and under the agencies that the sender took over from.
func (r *Record) Identify(dir *directory.Directory, at time.Time) {
	agency := r.Issuer.Agency
	if agency == "" {
		agency = r.Sender.Agency
	}
	r.Key, r.Beside = Key(r.Document, agency, at), []string{}
	if r.Key == "" {
		return
	}
	others := append([]string{r.Sender.Agency, r.Sender.Successor}, dir.Predecessors(r.Sender.Agency, DocumentDay(r.Document, at))...)
	for _, id := range others {
		if k := Key(r.Document, id, at); k != "" && k != r.Key && !slices.Contains(r.Beside, k) && len(r.Beside) < maxBeside {
			r.Beside = append(r.Beside, k)
		}
	}
}

// Keys are those that a record takes when it is registered.
func (r *Record) Keys() []string {
	return slices.DeleteFunc([]string{r.Key, r.CodeKey}, func(k string) bool { return k == "" })
}
