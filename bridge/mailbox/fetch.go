package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/giaolien/giaolien/bridge"
)

const (
	chunkMost  = 500     // UIDs that are sighted and measured at a time
	groupMost  = 32      // messages of one FETCH, which become durable together
	groupBytes = 4 << 20 // and their length, unless it is a single message
	looseBytes = 64 << 10
	sampleMost = 16 << 10 // messages up to this length are looked at for the server's own error texts
)

// errShort and its like say what is wrong with a message as the server gave it.
var (
	errShort       = errors.New("body is shorter than announced")
	errBroken      = errors.New("connection broke within a body") // the library reads on by itself: nothing more may be read from the command
	errTwice       = errors.New("server sends a message twice, or one that was not asked for")
	errPlaceholder = errors.New("server could not render the message")
)

// lengthError says that a body came whole and does not have the length that the server keeps for it. Some servers estimate
// RFC822.SIZE: two tries that give the same bytes are believed.
type lengthError struct {
	said, got int64
	raw       bridge.Digest
}

func (e *lengthError) Error() string {
	return fmt.Sprintf("body has %d bytes, RFC822.SIZE says %d", e.got, e.said)
}

// group is one FETCH of bodies.
type group struct {
	uids  []uint32
	sizes map[uint32]int64
	bytes int64
	cmd   *imapclient.FetchCommand
	lent  int64        // bytes of bodies that the guard lets pass for it
	used  int64        // of these, what came
	plain bool         // without INTERNALDATE
	head  bool         // of header blocks only
	twice *lengthError // how the message looked in the try before

	taken    []bridge.Arrival
	odd      map[uint32]error // what is wrong with single messages
	received map[uint32]bool
}

// discard frees everything that was taken and not accepted.
func (g *group) discard() {
	for _, a := range g.taken {
		a.Raw.Discard()
	}
	g.taken = nil
}

// fetch takes work in groups: while one is being accepted, the next is being read, hashed and packed. A group is handed on when the server has ended it with OK.
func (s *session) fetch(ctx context.Context, work ranges) error {
	if len(work) == 0 {
		return nil
	}
	a := s.startAcceptor(ctx)
	err := func() error {
		for chunk := range work.chunks(chunkMost) {
			if err := s.w.deps.Ledger.Sighted(ctx, s.fence, s.f.id, s.f.validity, chunk); err != nil {
				return fmt.Errorf("note %d messages as sighted: %w: %w", len(chunk), errOurs, err)
			}
			groups, err := s.measure(ctx, a, chunk)
			if err != nil {
				return err
			}
			if err := s.fetchGroups(ctx, a, groups); err != nil {
				return err
			}
		}
		return nil
	}()
	return errors.Join(err, a.finish())
}

// measure asks for lengths, screens what is to be screened, and divides the messages whose bodies may be fetched into groups.
func (s *session) measure(ctx context.Context, a *acceptor, uids []uint32) ([]*group, error) {
	sizes, err := s.sizes(single(uids...))
	if err != nil {
		return nil, err
	}
	if uids, err = s.fetchable(ctx, uids, sizes); err != nil {
		return nil, err
	}
	if uids, err = s.screen(ctx, a, uids, sizes); err != nil {
		return nil, err
	}
	var groups []*group
	var g *group
	for _, uid := range uids {
		size := sizes[uid]
		if g == nil || len(g.uids) == groupMost || g.bytes+size > groupBytes {
			g = &group{sizes: map[uint32]int64{}}
			groups = append(groups, g)
		}
		g.uids = append(g.uids, uid)
		g.sizes[uid] = size
		g.bytes += size
	}
	return groups, nil
}

// fetchable leaves out what the server does not know any more, which becomes a suspect, and what is too long, which is failed.
func (s *session) fetchable(ctx context.Context, uids []uint32, sizes map[uint32]int64) ([]uint32, error) {
	var fit []uint32
	for _, uid := range uids {
		size, ok := sizes[uid]
		switch {
		case !ok:
			s.f.suspect(uid, errors.New("server does not tell its length"))
		case size > s.w.o.MaxMessage:
			if err := s.fail(ctx, uid, tooLong(size, s.w.o.MaxMessage)); err != nil {
				return nil, err
			}
		default:
			fit = append(fit, uid)
		}
	}
	return fit, nil
}

// sizes asks for RFC822.SIZE.
func (s *session) sizes(uids ranges) (map[uint32]int64, error) {
	out := map[uint32]int64{}
	err := s.do("ask for lengths", commandTime, func() error {
		cmd := s.client.Fetch(uids.set(), &imap.FetchOptions{UID: true, RFC822Size: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			var uid uint32
			size := int64(-1)
			for item := msg.Next(); item != nil; item = msg.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					uid = uint32(item.UID)
				case imapclient.FetchItemDataRFC822Size:
					size = item.Size
				}
			}
			if size >= 0 && uids.contains(uid) {
				out[uid] = size
			}
		}
		return cmd.Close()
	})
	return out, err
}

// fetchGroups reads group after group and hands each to the acceptor. Commands are not sent ahead: Dovecot ends the first of two with
// OK only after the data of the second, so that nothing would be gained but a wait. Messages of a group that goes wrong become suspects;
// a broken connection ends the session.
func (s *session) fetchGroups(ctx context.Context, a *acceptor, groups []*group) error {
	for _, g := range groups {
		if err := s.exchange(ctx, g); err != nil {
			return err
		}
		if err := a.give(ctx, g.taken); err != nil {
			g.discard()
			return err
		}
	}
	return nil
}

// exchange sends one FETCH and reads its answer. What goes wrong makes its messages suspects; the error is that of the connection.
func (s *session) exchange(ctx context.Context, g *group) error {
	s.send(g)
	if err := s.read(ctx, g); err != nil {
		if blamable(err) {
			for _, uid := range g.uids {
				s.f.suspect(uid, err)
			}
		}
		return err
	}
	for _, uid := range g.uids {
		if err := g.odd[uid]; err != nil {
			s.f.suspect(uid, err)
		} else if !g.received[uid] {
			s.f.suspect(uid, errors.New("server does not send it"))
		}
	}
	return nil
}

// blamable says whether an error may be the fault of a message or its server: not when ours is the disk, the database or the lease.
func blamable(err error) bool {
	return !isNoSpace(err) && !errors.Is(err, bridge.ErrFenced) && !errors.Is(err, context.Canceled) && !errors.Is(err, errOurs)
}

// errOurs marks errors of our own stores.
var errOurs = errors.New("our own fault")

// send asks for the bodies of a group.
func (s *session) send(g *group) {
	g.lent = g.bytes + g.bytes/4 + looseBytes
	s.conn.scan.bodies.Add(g.lent)
	g.received, g.odd = map[uint32]bool{}, map[uint32]error{}
	g.cmd = s.client.Fetch(single(g.uids...).set(), &imap.FetchOptions{
		UID: true, InternalDate: !g.plain, BodySection: []*imap.FetchItemBodySection{g.section()},
	})
}

// allow is the time for so many bytes on the slowest line that is still of use.
func allow(n int64) time.Duration {
	return commandTime + time.Duration(n)*time.Second/slowest
}

// read takes the answer to a group. Only after its OK is anything in it worth keeping.
func (s *session) read(ctx context.Context, g *group) error {
	limit := allow(slices.Max(slices.Collect(maps.Values(g.sizes))))
	dog := s.conn.watch(limit)
	defer dog.Stop()
	defer func() { s.conn.scan.bodies.Add(g.used - g.lent) }()
	for msg := g.cmd.Next(); msg != nil; msg = g.cmd.Next() {
		take := s.take
		if g.head {
			take = s.takeHeader
		}
		if err := take(ctx, g, msg); err != nil {
			s.conn.kill(err)
			if !errors.Is(err, errBroken) {
				_ = g.cmd.Close() // the library waits for the rest to be read
			}
			g.discard()
			return fmt.Errorf("fetch message: %w", s.conn.blame(err))
		}
		dog.Reset(limit)
	}
	err := g.cmd.Close()
	if err == nil {
		s.f.pulse.beat(ctx)
		return nil
	}
	g.discard()
	var answer *imap.Error
	if errors.As(err, &answer) && s.conn.why.Load() == nil && answer.Type != imap.StatusResponseTypeBye {
		// NO or BAD: the connection is good, and nothing of the group is taken.
		for _, uid := range g.uids {
			g.odd[uid] = err
		}
		return nil
	}
	return fmt.Errorf("fetch messages: %w", s.conn.blame(err))
}

// take reads one message of a group into the archive's intake. An error means that the connection is of no more use.
func (s *session) take(ctx context.Context, g *group, msg *imapclient.FetchMessageData) error {
	var (
		uid    uint32
		date   time.Time
		intake bridge.Intake
		got    int64
		said   int64
		sample bytes.Buffer
	)
	for item := msg.Next(); item != nil; item = msg.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(item.UID)
		case imapclient.FetchItemDataInternalDate:
			date = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || intake != nil {
				continue // NIL, or a second body: the length will not be right
			}
			intake, said = s.w.deps.Door.Archive.Begin(), item.Literal.Size()
			g.used += said
			in := &source{r: item.Literal}
			if said <= sampleMost {
				in.r = io.TeeReader(item.Literal, &sample)
			}
			var err error
			got, err = io.Copy(intake, in)
			switch {
			case in.err != nil:
				intake.Discard()
				return fmt.Errorf("%w: %w", errBroken, in.err)
			case err != nil:
				intake.Discard()
				return fmt.Errorf("take in message: %w: %w", errOurs, err)
			case got != said:
				intake.Discard()
				return fmt.Errorf("%w: %w", errBroken, errShort)
			}
		}
	}
	if intake == nil {
		return nil // flags of another message, or no body: it is missing, then
	}
	size, asked := g.sizes[uid]
	switch {
	case !asked || g.received[uid]:
		intake.Discard()
		return errTwice
	case got != size:
		g.odd[uid] = &lengthError{said: size, got: got}
	case isPlaceholder(sample.Bytes()):
		g.odd[uid] = errPlaceholder
	}
	g.received[uid] = true
	sealed, err := intake.Seal()
	if err != nil {
		return fmt.Errorf("take in message: %w: %w", errOurs, err)
	}
	if odd := (*lengthError)(nil); errors.As(g.odd[uid], &odd) {
		odd.raw = sealed.Raw()
		if g.twice != nil && *g.twice == *odd {
			s.f.log.WarnContext(ctx, "server announces a wrong length", "uid", uid, "announced", size, "sent", got)
			delete(g.odd, uid)
		}
	}
	if g.odd[uid] != nil {
		sealed.Discard()
		return nil
	}
	g.taken = append(g.taken, s.arrival(uid, date, sealed))
	return nil
}

// source tells errors of the server from those of the archive.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// isPlaceholder knows the text that Exchange delivers in place of a message that it could not convert.
func isPlaceholder(raw []byte) bool {
	return bytes.Contains(raw, []byte("Retrieval using the IMAP4 protocol failed"))
}

func (s *session) arrival(uid uint32, date time.Time, sealed bridge.Sealed) bridge.Arrival {
	k := s.key(uid)
	return bridge.Arrival{
		Receiver: s.w.o.Receiver, Channel: bridge.Email, Mailbox: s.w.o.Name, Origin: bridge.OriginIMAP(k), UID: k, Raw: sealed,
		InternalDate: date, FetchedAt: s.w.deps.Now(), Imported: !date.IsZero() && date.Before(s.w.o.Start),
	}
}
