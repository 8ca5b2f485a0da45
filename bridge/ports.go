package bridge

import (
	"context"
	"errors"
	"time"

	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/mapping/register"
)

// Errors that adapters wrap, and that callers branch on with errors.Is. Every other error is taken for transient.
var (
	ErrNoSpace   = errors.New("no space left")          // the disk is full: intake pauses and resumes by itself
	ErrDamaged   = errors.New("stored message damaged") // a blob is missing or does not match its digest
	ErrStale     = errors.New("history has changed")    // Commit: read History anew and run Process again
	ErrFenced    = errors.New("lease lost")             // another daemon has taken over; nothing was written
	ErrPermanent = errors.New("permanent")              // trying again cannot help
	ErrNotFound  = errors.New("not found")
)

// Fence proves that a lease was held: every writing transaction of the holder checks it. The zero Fence is that of work which needs no
// lease (import, paper).
type Fence struct {
	Name  string
	Owner string
	Token int64 // grows with every change of hands
}

// Leases hand out names (one mailbox folder each) to one owner at a time. Time is the database's. Take reports false while another owner
// holds an unexpired lease. Renew and every fenced write answer ErrFenced after the lease has changed hands.
type Leases interface {
	TakeLease(ctx context.Context, name, owner string, ttl time.Duration) (Fence, bool, error)
	RenewLease(ctx context.Context, f Fence, ttl time.Duration) error
	DropLease(ctx context.Context, f Fence) error
}

// Stored is an arrival whose raw bytes are durable at Location.
type Stored struct {
	Arrival
	Location string
}

// Put is what tx 1 made of one arrival: a new receipt, or a further delivery of a message that has one (Joined). The same Origin again
// gives the same answer and writes nothing.
type Put struct {
	Receipt string
	Joined  bool
	Known   bool // this Origin was there before: nothing was written
}

// Receipts is tx 1. PutReceipts writes messages, receipts, deliveries, UID states, process jobs and events of all arrivals in one
// transaction, or nothing. After an unclear error (lost COMMIT reply) calling again with the same arrivals is safe.
type Receipts interface {
	PutReceipts(ctx context.Context, f Fence, in []Stored) ([]Put, error)
}

// UIDRange is From to To, both included.
type UIDRange struct{ From, To uint32 }

// Settled is a UID whose outcome is committed and whose flag or move on the server is still to be done.
type Settled struct {
	Key   UIDKey
	State State
}

// Ledger accounts for every UID that a watched folder ever showed.
type Ledger interface {
	// Folder gives the row of an account's folder, made on first sight. Account is user@host:port, so a repointed account is another one.
	Folder(ctx context.Context, account, folder, mailbox, receiver string) (int64, error)
	// Accounted lists, in rising order, the UIDs that need no fetch: those with a receipt, and those failed or vanished.
	Accounted(ctx context.Context, folder int64, uidvalidity uint32) ([]UIDRange, error)
	// Sighted notes UIDs seen on the server as waiting, before they are fetched. Known ones are left alone.
	Sighted(ctx context.Context, f Fence, folder int64, uidvalidity uint32, uids []uint32) error
	// FetchTried counts one try at a UID before it is made, and reports how many there were, this one included.
	FetchTried(ctx context.Context, f Fence, k UIDKey) (int, error)
	// SettleUID ends UIDs without a receipt: Failed (with the reason, for a person) or Vanished.
	SettleUID(ctx context.Context, f Fence, k UIDKey, s State, reason string) error
}

// ServerActions are the flags and moves that an administrator asked for, done after commit and noted when done. Both are best effort and
// repeatable.
type ServerActions interface {
	PendingActions(ctx context.Context, folder int64, uidvalidity uint32, n int) ([]Settled, error)
	ActionDone(ctx context.Context, f Fence, k UIDKey, note string) error
}

// Job is a claimed piece of work. Fence grows with every claim; a write under an older fence answers ErrFenced.
type Job struct {
	ID      int64
	Fence   int64
	Attempt int // this one included; counted before the work begins
	// Before is the fence that the job had until it was claimed: one above that of the claim before, when that was given back and nobody else had
	// the job since.
	Before int64
}

// Task is a receipt to be processed, with what its amendments say.
type Task struct {
	Job        Job
	Receipt    Receipt
	Outcomes   int
	Amendments []Amendment
}

// Settlement is an outcome and the job that it settles.
type Settlement struct {
	Job     Job
	Receipt Receipt
	Outcome Outcome
	Review  bool // notices wait for a person ([notices] mode = "review")
	// Targets take the records of the receiving agency: what is registered is queued for them.
	Targets []TargetRule
}

// Renderer gives a notice its fixed bytes, inside the transaction that knows its numbers. It is pure.
type Renderer func(notice.Draft, notice.Numbers) (notice.Rendered, error)

// Work is the worker's side of the store.
type Work interface {
	// ClaimTasks leases up to n receipts that are due, oldest first, real mail before imports. The attempt is counted in the same
	// transaction. A task that was tried three times is not given out again: it is Failed and waits for a person.
	// A claim that ends with an error may have been written all the same: the next one takes back what it leased, with the attempt. The same
	// holds for ClaimNotices.
	ClaimTasks(ctx context.Context, owner string, n int, lease time.Duration) ([]Task, error)
	// Histories answers lookups in order.
	Histories(ctx context.Context, in []Lookup) ([]History, error)
	// Commit is tx 2. The slice of errors tells per settlement whether it was written (nil), is ErrStale or ErrFenced; those two write
	// nothing for that settlement. The last error is about the whole transaction: nothing, or (lost reply) everything was written; calling
	// again answers ErrFenced for what is already there.
	Commit(ctx context.Context, render Renderer, in []Settlement) ([]error, error)
	// FailTask gives a task back: due again after a backoff, or Failed when its tries are used up. Blameless failures (disk, database,
	// shutdown) do not count the attempt.
	FailTask(ctx context.Context, t Task, reason string, blameless bool) error
	// DelayTask gives a task back that waits for something outside: it is due again at the given instant, and loses no try.
	DelayTask(ctx context.Context, t Task, at time.Time, reason string) error
	// WaitingTasks says how many receipts are not settled: due, leased, or resting before another try. It tells a drain its end.
	WaitingTasks(ctx context.Context) (int, error)
}

// ReadingTask is a receipt with files that tools are to read.
type ReadingTask struct {
	Job     Job
	Receipt Receipt
}

// FileReadings is the reader's side of the store, and what the worker asks before it understands a message.
type FileReadings interface {
	// FilesRead gives the newest evidence of each file that was read, by SHA-256; files that were not are not in it.
	FilesRead(ctx context.Context, digests []string) (map[string]mapping.FileEvidence, error)
	// ClaimReading leases the reading that is due next, live mail before imports. The attempt is counted in the same transaction, and there
	// is no bound to it: whoever reads gives up. It reports false when nothing is due.
	ClaimReading(ctx context.Context, owner string, lease time.Duration) (ReadingTask, bool, error)
	// RenewReading extends the lease of a reading that takes long.
	RenewReading(ctx context.Context, job Job, owner string, lease time.Duration) error
	// PutFileEvidence keeps what was found in one file. The same file and reader again changes nothing.
	PutFileEvidence(ctx context.Context, digest string, ev mapping.FileEvidence) error
	// ReadingDone ends a reading and lets its receipt be decided again, in one transaction.
	ReadingDone(ctx context.Context, job Job, receipt string) error
	// ReadingLater gives a reading back; it is due again at the given instant. A blameless failure does not count the attempt.
	ReadingLater(ctx context.Context, job Job, at time.Time, reason string, blameless bool) error
	// WaitingReadings says how many readings are queued or in somebody's hands. It tells a drain its end.
	WaitingReadings(ctx context.Context) (int, error)
}

// Outgoing is a claimed notice: fixed bytes, to be handed over at least once.
type Outgoing struct {
	Job    Job
	Notice string // id
	notice.Rendered
	Kind     notice.Kind
	Receipt  string
	FirstTry time.Time // zero on the first
}

// Caps bound notices, counted when claimed; zero means no bound. What is over a cap stays queued for later and is never dropped.
type Caps struct {
	PerSenderHour, PerSenderDay int // per address
	PerAgencyDay                int // per directory agency
	PerDomainHour               int // per mail domain of the address, letter case aside; a sub-domain is another one
	PerHour                     int // overall
	// BreakerFactor stops all notices but alarms, until a person resumes them, when so many times the median of the hours of the last 35 days
	// in which any was sent are tried in one, and more than BreakerFloor.
	BreakerFactor, BreakerFloor int
	// Digests gathers what is over PerSenderDay instead of putting it off: once a day, so long after midnight in Vietnam, one digest tells each
	// address what was gathered for it.
	Digests  bool
	DigestAt time.Duration
	// Review is [notices] mode "review": what no person released waits for one, also what was queued before the mode was set.
	Review bool
	// OnlyAlarms keeps everything else queued: [notices] mode is off, and only the administrator hears of us.
	OnlyAlarms bool
}

// Notices is the outbox's side of the store.
type Notices interface {
	// ClaimNotices leases up to n notices that are due. What must wait for a person is not among them and is moved to review: in review mode,
	// and when the counted instant of its receipt is more than three days ago, unless a person has released it. Alarms go out.
	ClaimNotices(ctx context.Context, owner string, n int, lease time.Duration, caps Caps) ([]Outgoing, error)
	NoticeSent(ctx context.Context, o Outgoing, reply string) error
	NoticeLater(ctx context.Context, o Outgoing, at time.Time, reply string) error
	NoticeDead(ctx context.Context, o Outgoing, reply string) error
	WaitingNotices(ctx context.Context) (int, error) // queued and due now
}

// DigestWriter writes the notice that says what several would have said, and tells how many of them, from the first, it had room for. It is pure.
type DigestWriter func(notice.Gathered) (*notice.Draft, int)

// Digests is what the outbox asks of a store that gathers notices.
type Digests interface {
	// GatherNotices queues the digests that are due, and tells how many: at most one per address and receiving agency from one time of digests
	// to the next. A digest and the end of the notices that it speaks for are one transaction. What waits for a person, whose address is
	// suppressed, or that is over the size of one digest, is not spoken for; what nobody can write a digest of goes by itself again.
	GatherNotices(ctx context.Context, render Renderer, write DigestWriter, caps Caps) (int, error)
}

// Alarms are raised once per key and cleared when the cause is gone; the store keeps them, queues the mail to the administrator (a notice
// of kind alarm) and writes the event.
type Alarms interface {
	RaiseAlarm(ctx context.Context, render Renderer, a Alarm, mail []notice.Draft) error
	ClearAlarm(ctx context.Context, key string) error
}

// BookMark is how far the numbers of a book have been given.
type BookMark struct {
	Receiver string
	Kind     register.Kind
	Year     int
	Number   int
}

// HighWater remembers outside of the database how far every book has got, so that a restored database never gives a number twice. Append is
// durable when it returns nil; marks may come again, out of order, and from several daemons at once. Marks gives at least the highest of
// every book that was ever appended; what was torn by a crash is left out. It is asked before every batch that takes numbers.
type HighWater interface {
	Append(ctx context.Context, marks []BookMark) error
	Marks(ctx context.Context) ([]BookMark, error)
}
