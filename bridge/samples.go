package bridge

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/directory"
)

// SampleNotices shows each kind of notice with the words, letterheads, rules and directory of this knowledge: what the receiving agency says to
// an agency of the directory (id, code or alias; empty: the first that has a mailbox) about a document that there is not. Nothing of it is
// stored, and no receipt has its number.
func (k *Knowledge) SampleNotices(receiver, to string, at time.Time) ([]notice.Sample, error) {
	speaks, ok := k.receiver[receiver]
	if !ok {
		return nil, fmt.Errorf("there is no receiving agency %q", receiver)
	}
	a, err := k.sampleAddressee(receiver, to, at)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256([]byte("mẫu"))
	in := notice.Input{Receiver: notice.Letterhead(speaks), Texts: k.texts, WantSlip: k.Settings.Slip, Receipt: "GL-" + at.In(hanoi).Format("2006") + "-0000000",
		Digest: hex.EncodeToString(digest[:]), Counted: at, MessageID: "mau@" + sampleDomain,
		Documents: []notice.Document{{Number: "01/" + cmp.Or(a.ShortName, "MAU"), Subject: "Văn bản mẫu, không phải văn bản thật"}},
		Sender:    directory.Match{Agency: a.ID, Name: a.Name, Code: a.Code, How: directory.ByAddress, Address: firstOr(a.Addresses, "vanthu@"+sampleDomain)}}
	if ground, refuses := k.Rules.Ground(); refuses {
		in.Decision = ground
	}
	k.introduce(&in, receiver)
	return notice.Samples(in)
}

// sampleDomain can never be a mail domain (RFC 2606, 3).
const sampleDomain = "mau.example"

func (k *Knowledge) sampleAddressee(receiver, to string, at time.Time) (directory.Agency, error) {
	if to != "" {
		a, ok := k.Directory.Find(to, at)
		if !ok {
			return a, fmt.Errorf("agency %q is not in the directory; name it by id, code or alias", to)
		}
		return a, nil
	}
	list := k.Directory.Agencies()
	i := slices.IndexFunc(list, func(a directory.Agency) bool {
		now, valid := k.Directory.Agency(a.ID, at)
		return a.ID != receiver && len(a.Addresses) > 0 && valid && now.Line == a.Line
	})
	if i < 0 {
		return directory.Agency{Name: "Cơ quan mẫu"}, nil
	}
	return list[i], nil
}

func firstOr(list []string, other string) string {
	if len(list) == 0 {
		return other
	}
	return list[0]
}
