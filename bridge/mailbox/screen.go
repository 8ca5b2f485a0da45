package mailbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/giaolien/giaolien/bridge"
)

const (
	// headerMost is how much of a header block is asked for, in bytes. What lies beyond is not looked at: the message is fetched, and the
	// tripwire of its processing sees it.
	headerMost  = 256 << 10
	headersMost = 64 // header blocks of one FETCH
)

// errHeader and errScreen say why a message cannot be screened. It is never fetched unscreened instead: in the end a person looks at it.
var (
	errHeader = errors.New("server sends something else than the header block that was asked for")
	errScreen = errors.New("header block cannot be looked at")
)

// section is what is asked for of each message of a group. The range (RFC 3501, 6.4.5: BODY[HEADER]<0.n>) bounds what comes, whatever the
// length of the block.
func (g *group) section() *imap.FetchItemBodySection {
	if !g.head {
		return &imap.FetchItemBodySection{Peek: true}
	}
	return &imap.FetchItemBodySection{Peek: true, Specifier: imap.PartSpecifierHeader, Partial: &imap.SectionPartial{Size: headerMost}}
}

// headers makes a group of header blocks.
func headers(uids []uint32, sizes map[uint32]int64) *group {
	g := &group{uids: uids, sizes: map[uint32]int64{}, head: true}
	for _, uid := range uids {
		g.sizes[uid] = sizes[uid]
		g.bytes += min(sizes[uid], headerMost)
	}
	return g
}

// screened says whether the header of a message must be looked at before its body is fetched: always, until a person has cleared it.
func (s *session) screened(uid uint32) bool {
	return s.w.deps.Marked != nil && !s.f.cleared.contains(uid)
}

// screen looks at header blocks and gives the UIDs whose bodies may be fetched. Of the others the header block is brought through the door,
// or they are suspects.
func (s *session) screen(ctx context.Context, a *acceptor, uids []uint32, sizes map[uint32]int64) ([]uint32, error) {
	var free, look []uint32
	for _, uid := range uids {
		if s.screened(uid) {
			look = append(look, uid)
		} else {
			free = append(free, uid)
		}
	}
	for len(look) > 0 {
		g := headers(look[:min(len(look), headersMost)], sizes)
		look = look[len(g.uids):]
		if err := s.exchange(ctx, g); err != nil {
			return nil, err
		}
		for _, uid := range g.uids {
			if g.received[uid] && g.odd[uid] == nil && !g.marked(uid) {
				free = append(free, uid)
			}
		}
		if err := a.give(ctx, g.taken); err != nil {
			g.discard()
			return nil, err
		}
	}
	return single(free...).list(), nil
}

// marked says whether the header block of a message was kept.
func (g *group) marked(uid uint32) bool {
	for _, a := range g.taken {
		if a.UID.UID == uid {
			return true
		}
	}
	return false
}

// screenOne looks at the header block of one suspect, and accepts it when it is marked. why tells what is wrong with it while the connection
// is good.
func (s *session) screenOne(ctx context.Context, uid uint32, size int64, tries int) (marked bool, why, err error) {
	g := headers([]uint32{uid}, map[uint32]int64{uid: size})
	g.plain = tries == triesMost
	if g, err = s.readOne(ctx, g); err != nil {
		return false, nil, err
	}
	switch {
	case g.odd[uid] != nil:
		why, err = s.absent(ctx, uid, g.odd[uid])
		return true, why, err
	case !g.received[uid]:
		why, err = s.absent(ctx, uid, errors.New("server does not send its header"))
		return true, why, err
	case len(g.taken) == 0:
		return false, nil, nil
	}
	if err := s.accept(ctx, g.taken); err != nil {
		g.discard()
		return false, nil, err
	}
	return true, nil, nil
}

// takeHeader reads one header block, and keeps it if it is marked. An error means that the connection is of no more use.
func (s *session) takeHeader(ctx context.Context, g *group, msg *imapclient.FetchMessageData) error {
	m := imapclient.FetchItemDataInternalDate{}
	var uid uint32
	var block []byte
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(item.UID)
		case imapclient.FetchItemDataInternalDate:
			m = item
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || block != nil {
				continue // NIL, or a second block: it is missing, or the first counts
			}
			var err error
			if block, err = readHeader(g, item); err != nil {
				return err
			}
		}
	}
	if block == nil {
		return nil // flags of another message, or no block: it is missing, then
	}
	size, asked := g.sizes[uid]
	if !asked || g.received[uid] {
		return errTwice
	}
	g.received[uid] = true
	if odd := (&lengthError{said: size, got: int64(len(block)), raw: sha256.Sum256(block)}); odd.got > size && (g.twice == nil || *g.twice != *odd) {
		g.odd[uid] = odd
		return nil
	}
	marked, err := s.look(block)
	if err != nil {
		g.odd[uid] = err
	}
	if !marked {
		return nil
	}
	sealed, err := s.seal(block)
	if err != nil {
		return fmt.Errorf("take in header: %w: %w", errOurs, err)
	}
	a := s.arrival(uid, m.Time, sealed)
	a.Origin, a.HeadersOnly = bridge.OriginHeaders(a.UID), true
	g.taken = append(g.taken, a)
	s.f.log.WarnContext(ctx, "header bears a mark of secrecy: the message stays on the server", "uid", uid)
	return nil
}

// readHeader reads a header block of bounded length.
func readHeader(g *group, item imapclient.FetchItemDataBodySection) ([]byte, error) {
	said := item.Literal.Size()
	g.used += said
	if said > headerMost || item.Section == nil || item.Section.Specifier != imap.PartSpecifierHeader || len(item.Section.Part) > 0 {
		return nil, errHeader
	}
	block := make([]byte, said)
	n, err := io.ReadFull(item.Literal, block)
	if err != nil {
		return nil, fmt.Errorf("%w: %d bytes of %d of a header: %w", errBroken, n, said, err)
	}
	return block, nil
}

// look asks whether a block is marked. A panic is a fault of ours which this block brings out: it costs this message a try and no other.
func (s *session) look(block []byte) (marked bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.f.log.Error("a header panicked the program", "sha256", fmt.Sprintf("%x", sha256.Sum256(block)))
			marked, err = false, errScreen
		}
	}()
	return s.w.deps.Marked(block), nil
}

func (s *session) seal(block []byte) (bridge.Sealed, error) {
	intake := s.w.deps.Door.Archive.Begin()
	if _, err := intake.Write(block); err != nil {
		intake.Discard()
		return nil, err
	}
	return intake.Seal()
}

// clearedLedger is what a Ledger offers besides when it keeps header blocks: the UIDs whose mark a person called a false alarm, and whose
// message is not here yet.
type clearedLedger interface {
	ClearedUIDs(ctx context.Context, folder int64, uidvalidity uint32) ([]bridge.UIDRange, error)
}

func (s *session) cleared(ctx context.Context) (ranges, error) {
	ledger, ok := s.w.deps.Ledger.(clearedLedger)
	if !ok {
		return nil, nil
	}
	list, err := ledger.ClearedUIDs(ctx, s.f.id, s.f.validity)
	if err != nil {
		return nil, fmt.Errorf("read ledger: %w: %w", errOurs, err)
	}
	return makeRanges(list), nil
}

// lookCleared lets the folder be listed anew when a person has cleared a message since: its UID is older than what is asked for otherwise.
func (s *session) lookCleared(ctx context.Context) error {
	now, err := s.cleared(ctx)
	if err == nil && len(now.minus(s.f.cleared)) > 0 {
		s.next = 0
	}
	return err
}

// goneCleared tells of cleared messages that are no longer on the server: a person must get them in another way.
func (s *session) goneCleared(ctx context.Context, there ranges) error {
	for uids := range s.f.cleared.minus(there).chunks(window / 10) {
		lost := single(uids...)
		still, err := s.onServer(lost)
		if err != nil {
			return err
		}
		for one := range lost.minus(still).chunks(1) {
			k := s.key(one[0])
			s.w.alarms.tell(ctx, fmt.Sprintf("%s:%d:%d:%d", alarmCleared, k.Folder, k.UIDValidity, k.UID), alarmCleared,
				fmt.Sprintf("thư UID %d trong thư mục %s đã được xác nhận là báo nhầm dấu mật nhưng không còn trên máy chủ; hãy đề nghị nơi gửi gửi lại, hoặc nạp bản sao bằng lệnh import, rồi đóng phiếu cũ",
					k.UID, s.f.name))
		}
	}
	return nil
}
