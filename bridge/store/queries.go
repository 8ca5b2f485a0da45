package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
)

//go:embed queries migrations
var files embed.FS

// statement is one prepared query of queries/, with its name for errors.
type statement struct {
	name  string
	named *sqlx.NamedStmt
}

// args are the arguments of a statement by the names in its text.
type args map[string]any

// queries are all prepared statements. Tags are the names in queries/*.sql; the name of a database after one: that database only.
type queries struct {
	Now     *statement `query:"now,postgres"`
	LateNow *statement `query:"late-now,postgres"`
	Notify  *statement `query:"notify,postgres"`

	LockCounter     *statement `query:"lock-counter"`
	TakeCounter     *statement `query:"take-counter"`
	KnownDeliveries *statement `query:"known-deliveries"`
	KnownContents   *statement `query:"known-contents"`
	KnownHeaders    *statement `query:"known-headers"`
	HeadedUIDs      *statement `query:"headed-uids"`
	CompleteReceipt *statement `query:"complete-receipts"`
	RenumberedUIDs  *statement `query:"renumbered-uids"`
	AddMessages     *statement `query:"add-messages"`
	AddReceipts     *statement `query:"add-receipts"`
	AddDeliveries   *statement `query:"add-deliveries"`
	LiveReceipts    *statement `query:"live-receipts"`
	ReceiveUIDs     *statement `query:"receive-uids"`
	AddEvents       *statement `query:"add-events"`
	EventsOfReceipt *statement `query:"events-of-receipt"`

	Owners       *statement `query:"owners"`
	ReleaseNames *statement `query:"release-names"`
	AcquitJobs   *statement `query:"acquit-jobs"`
	ReleaseJobs  *statement `query:"release-jobs"`
	TakeLease    *statement `query:"take-lease"`
	RenewLease   *statement `query:"renew-lease"`
	DropLease    *statement `query:"drop-lease"`
	CheckFence   *statement `query:"check-fence"`

	PutFolder      *statement `query:"put-folder"`
	Folder         *statement `query:"folder"`
	SetUIDValidity *statement `query:"set-uidvalidity"`
	Accounted      *statement `query:"accounted"`
	ClearedUIDs    *statement `query:"cleared-uids"`
	SightedOnly    *statement `query:"sighted-only"`
	SightUIDs      *statement `query:"sight-uids"`
	TryUID         *statement `query:"try-uid"`
	SettleUID      *statement `query:"settle-uid"`
	LoseUIDs       *statement `query:"lose-uids"`
	ReviveUID      *statement `query:"revive-uid"`
	LoseUID        *statement `query:"lose-uid"`
	PendingActions *statement `query:"pending-actions"`
	ActionDone     *statement `query:"action-done"`
	UIDStates      *statement `query:"uid-states"`
	Folders        *statement `query:"folders"`

	DueJobs          *statement `query:"due-jobs"`
	FreeJob          *statement `query:"free-job"`
	ClaimJobs        *statement `query:"claim-jobs"`
	EndedClaims      *statement `query:"ended-claims"`
	TakeBackClaims   *statement `query:"take-back-claims"`
	KillJobs         *statement `query:"kill-jobs"`
	GiveBackJob      *statement `query:"give-back-job"`
	FinishJob        *statement `query:"finish-job"`
	KillJob          *statement `query:"kill-job"`
	DropJobs         *statement `query:"drop-jobs"`
	DropJobsOf       *statement `query:"drop-jobs-of"`
	DropJobOf        *statement `query:"drop-job-of"`
	CountJob         *statement `query:"count-job"`
	AddJobs          *statement `query:"add-jobs"`
	ReviveJobs       *statement `query:"revive-jobs"`
	Tasks            *statement `query:"tasks"`
	AmendmentsOf     *statement `query:"amendments-of"`
	SettleReceipts   *statement `query:"settle-receipts"`
	SettleUIDs       *statement `query:"settle-uids"`
	WaitingJobs      *statement `query:"waiting-jobs"`
	DueOrLeasedJobs  *statement `query:"due-or-leased-jobs"`
	HistoryCounts    *statement `query:"history-counts"`
	HistoryRecords   *statement `query:"history-records"`
	HistoryWaiting   *statement `query:"history-waiting"`
	JoinedChannels   *statement `query:"joined-channels"`
	HistoryNotices   *statement `query:"history-notices"`
	HistorySuppress  *statement `query:"history-suppressed"`
	OwnRecords       *statement `query:"own-records"`
	SettledDocuments *statement `query:"settled-documents"`
	DropRelations    *statement `query:"drop-relations"`
	AddRelations     *statement `query:"add-relations"`
	TieRelations     *statement `query:"tie-relations"`
	RelationsOf      *statement `query:"relations-of"`
	KeysOf           *statement `query:"keys-of"`
	BlankRelations   *statement `query:"blank-relations"`
	AnsweredByID     *statement `query:"answered-by-document"`
	AnsweredByKey    *statement `query:"answered-by-key"`
	AnsweredByNumber *statement `query:"answered-by-number"`
	StatusesOf       *statement `query:"statuses-of"`
	DropStatuses     *statement `query:"drop-statuses"`
	PutStatuses      *statement `query:"put-statuses"`
	Reporting        *statement `query:"reporting-receipts"`
	BlankStatuses    *statement `query:"blank-statuses"`
	BlankFacts       *statement `query:"blank-facts"`
	LastInputs       *statement `query:"last-inputs"`
	HoldJobs         *statement `query:"hold-jobs"`
	RecordsOf        *statement `query:"records-of"`
	OpenCopies       *statement `query:"open-copies"`
	SecretRecords    *statement `query:"secret-records"`
	KeyOwners        *statement `query:"key-owners"`
	StandingRecords  *statement `query:"standing-records"`
	JoinedReceipts   *statement `query:"joined-receipts"`
	DropKeys         *statement `query:"drop-keys"`
	AddKeys          *statement `query:"add-keys"`
	TakeReminders    *statement `query:"take-reminders"`
	AddOutcomes      *statement `query:"add-outcomes"`
	PutRecords       *statement `query:"put-records"`
	DropSurplus      *statement `query:"drop-surplus-records"`
	PutFacts         *statement `query:"put-facts"`
	LockNotices      *statement `query:"lock-notices,postgres"`
	WithdrawNotices  *statement `query:"withdraw-notices"`
	AddNotices       *statement `query:"add-notices"`
	Notices          *statement `query:"notices"`
	NoticesOfReceipt *statement `query:"notices-of-receipt"`
	RecentTries      *statement `query:"recent-tries"`
	TryNotices       *statement `query:"try-notices"`
	LastTold         *statement `query:"last-told"`
	ToldFiles        *statement `query:"told-files"`
	AddToldFiles     *statement `query:"add-told-files"`
	GatherNotices    *statement `query:"gather-notices"`
	ScatterNotices   *statement `query:"scatter-notices"`
	DueDigests       *statement `query:"due-digests"`
	Gathered         *statement `query:"gathered"`
	DigestNotices    *statement `query:"digest-notices"`
	AddDigestEntries *statement `query:"add-digest-entries"`
	Digested         *statement `query:"digested"`
	SettleDigested   *statement `query:"settle-digested"`
	ReleaseDigest    *statement `query:"release-digest"`
	DissolveDigests  *statement `query:"dissolve-digests"`
	FreeDigested     *statement `query:"free-digested"`
	SuppressedNotice *statement `query:"suppressed-notices"`
	FailNotice       *statement `query:"fail-notice"`
	HourlyTries      *statement `query:"hourly-tries"`
	Breaker          *statement `query:"breaker"`
	StopNotices      *statement `query:"stop-notices"`
	ResumeNotices    *statement `query:"resume-notices"`
	DueAgain         *statement `query:"due-again"`
	PostponeJobs     *statement `query:"postpone-jobs"`
	LateRefusals     *statement `query:"overtaken-refusals"`
	RestJobs         *statement `query:"rest-jobs"`
	DeferNotices     *statement `query:"defer-notices"`
	EndNotice        *statement `query:"end-notice"`
	NoteReply        *statement `query:"note-reply"`
	BounceNotice     *statement `query:"bounce-notice"`
	ReviewNotices    *statement `query:"review-notices"`
	ReleaseNotice    *statement `query:"release-notice"`
	CancelNotice     *statement `query:"cancel-notice"`
	ReceiptState     *statement `query:"receipt-state"`
	Suppress         *statement `query:"suppress"`
	Unsuppress       *statement `query:"unsuppress"`
	Suppressions     *statement `query:"suppressions"`

	QueueReadings     *statement `query:"queue-readings"`
	ReadAgain         *statement `query:"read-again"`
	DropReadings      *statement `query:"drop-readings"`
	EndReadings       *statement `query:"end-readings"`
	RenewJob          *statement `query:"renew-job"`
	FilesRead         *statement `query:"files-read"`
	ReadingsOf        *statement `query:"readings-of"`
	FileEvidence      *statement `query:"file-evidence"`
	AddFileEvidence   *statement `query:"add-file-evidence"`
	ReceiptsWithFiles *statement `query:"receipts-with-files"`
	BlankFileEvidence *statement `query:"blank-file-evidence"`

	Targets           *statement `query:"targets"`
	AddTargets        *statement `query:"add-targets"`
	DispatchesOf      *statement `query:"dispatches-of"`
	LockDispatches    *statement `query:"lock-dispatches,postgres"`
	AddDispatches     *statement `query:"add-dispatches"`
	CancelDispatches  *statement `query:"cancel-dispatches"`
	BlankDispatches   *statement `query:"blank-dispatches"`
	DueDispatch       *statement `query:"due-dispatch"`
	Dispatch          *statement `query:"dispatch"`
	OnAxis            *statement `query:"on-axis"`
	TryDispatch       *statement `query:"try-dispatch"`
	EndDispatch       *statement `query:"end-dispatch"`
	NoteDispatchReply *statement `query:"note-dispatch-reply"`
	WaitingDispatches *statement `query:"waiting-dispatches"`
	CountDispatches   *statement `query:"count-dispatches"`
	ListDispatches    *statement `query:"list-dispatches"`
	DeadDispatches    *statement `query:"dead-dispatches"`
	ReviveDispatch    *statement `query:"revive-dispatch"`
	FirstDispatch     *statement `query:"first-dispatch"`
	Backlog           *statement `query:"backlog"`
	Deliverable       *statement `query:"deliverable"`

	BlankOutcomes   *statement `query:"blank-outcomes"`
	AmendedFields   *statement `query:"amended-fields"`
	BlankAmendments *statement `query:"blank-amendments"`
	BlankRecords    *statement `query:"blank-records"`
	QuotingNotices  *statement `query:"quoting-notices"`
	BlankNotices    *statement `query:"blank-notices"`
	SealedEvents    *statement `query:"sealed-events"`
	EraseEvents     *statement `query:"erase-events"`
	BlankHeaders    *statement `query:"blank-headers"`
	ForgetWithheld  *statement `query:"forget-withheld"`
	Checkpoint      *statement `query:"checkpoint,sqlite"`

	BookHeads       *statement `query:"book-heads"`
	TakeNumbers     *statement `query:"take-numbers"`
	JumpBook        *statement `query:"jump-book"`
	KnowReceiver    *statement `query:"know-receiver"`
	SecretLines     *statement `query:"secret-lines"`
	PutLines        *statement `query:"put-lines"`
	NoteSecretLines *statement `query:"note-secret-lines"`
	EmptyLines      *statement `query:"empty-lines"`
	EmptyDirections *statement `query:"empty-directions"`
	PutCounted      *statement `query:"put-counted"`
	Book            *statement `query:"book"`
	Books           *statement `query:"books"`
	CloseBook       *statement `query:"close-book"`
	OpenInYear      *statement `query:"open-in-year"`
	Cover           *statement `query:"cover"`
	Lines           *statement `query:"lines"`
	WaysOf          *statement `query:"ways-of"`
	Directions      *statement `query:"directions"`
	Line            *statement `query:"line"`
	LineOfRecord    *statement `query:"line-of-record"`
	AddDirection    *statement `query:"add-direction"`
	SignLine        *statement `query:"sign-line"`
	FinishLine      *statement `query:"finish-line"`
	OpenToRegister  *statement `query:"open-to-register"`

	MonthRecords *statement `query:"month-records"`
	MonthCopies  *statement `query:"month-copies"`
	LastMails    *statement `query:"last-mails"`

	RaiseAlarms *statement `query:"raise-alarms"`
	MailAlarm   *statement `query:"mail-alarm"`
	ClearAlarm  *statement `query:"clear-alarm"`
	OpenAlarms  *statement `query:"open-alarms"`

	PutReceivers     *statement `query:"put-receivers"`
	AddAmendment     *statement `query:"add-amendment"`
	CountAmendment   *statement `query:"count-amendment"`
	ReopenReceipt    *statement `query:"reopen-receipt"`
	ReopenUIDs       *statement `query:"reopen-uids"`
	OpenReceipts     *statement `query:"open-receipts"`
	OpenUIDs         *statement `query:"open-uids"`
	OpenNotices      *statement `query:"open-notices"`
	Receipt          *statement `query:"receipt"`
	ReplayOutcomes   *statement `query:"replay-outcomes"`
	ReplayReadings   *statement `query:"replay-readings"`
	AskedBetween     *statement `query:"asked-between"`
	DeliveriesOf     *statement `query:"deliveries-of"`
	UIDsOf           *statement `query:"uids-of"`
	OutcomesOf       *statement `query:"outcomes-of"`
	RecordsOfReceipt *statement `query:"records-of-receipt"`
	CountReceipts    *statement `query:"count-receipts"`
	CountUIDs        *statement `query:"count-uids"`
	CountRecords     *statement `query:"count-records"`
	CountNotices     *statement `query:"count-notices"`
	CountAlarms      *statement `query:"count-alarms"`
	ReceiptsAfter    *statement `query:"receipts-after"`
	PutVersion       *statement `query:"put-version"`
	Version          *statement `query:"version"`
	LastActivation   *statement `query:"last-activation"`
	RuleChanges      *statement `query:"rule-changes"`
	RulesInState     *statement `query:"rules-in-state"`
	EndRules         *statement `query:"end-rules"`
	AddRules         *statement `query:"add-rules"`
	ConfirmRules     *statement `query:"confirm-rules"`
	AddActivation    *statement `query:"add-activation"`
	RawRefs          *statement `query:"raw-refs"`
}

// bootQueries are asked before the schema is known to be there, and therefore not prepared with the rest.
var bootQueries = []string{"schema-exists", "server-settings", "schema-version"}

// loadTexts reads the queries of a dialect: the shared files, then its own folder, which overrides them by name.
func loadTexts(d dialect) (map[string]string, error) {
	texts := map[string]string{}
	for _, folder := range []string{"queries", path.Join("queries", string(d))} {
		names, err := fs.Glob(files, path.Join(folder, "*.sql"))
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", folder, err)
		}
		for _, name := range names {
			body, err := files.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			own, err := parseQueries(string(body))
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			for q, text := range own {
				if texts[q], err = d.expand(text); err != nil {
					return nil, fmt.Errorf("read %s: query %s: %w", name, q, err)
				}
			}
		}
	}
	return texts, nil
}

// parseQueries splits a file into its named queries. Each begins with "-- name:" and a comment line that says what it is for.
func parseQueries(body string) (map[string]string, error) {
	const mark = "-- name: "
	out := map[string]string{}
	name, commented := "", false
	for l := range strings.Lines(body) {
		l = strings.TrimRight(l, "\r\n")
		switch {
		case strings.HasPrefix(l, mark):
			if name != "" && strings.TrimSpace(out[name]) == "" {
				return nil, fmt.Errorf("query %s is empty", name)
			}
			name, commented = strings.TrimSpace(strings.TrimPrefix(l, mark)), false
			if _, twice := out[name]; twice {
				return nil, fmt.Errorf("query %s stands there twice", name)
			}
			out[name] = ""
		case strings.HasPrefix(l, "--"):
			commented = true
		case strings.TrimSpace(l) == "":
		case name == "" || !commented:
			return nil, fmt.Errorf("query %q lacks a name or a comment line", name)
		default:
			out[name] += l + "\n"
		}
	}
	for q, text := range out {
		out[q] = strings.TrimSpace(text)
	}
	return out, nil
}

// prepare makes the statements. A broken query, a missing one and one that nothing uses are all told at once, and stop the start.
func prepare(ctx context.Context, db *sqlx.DB, d dialect, texts map[string]string) (*queries, error) {
	q := &queries{}
	unused := maps.Clone(texts)
	for _, name := range bootQueries {
		delete(unused, name)
	}
	var faults []error
	v := reflect.ValueOf(q).Elem()
	for i := range v.NumField() {
		name, only, limited := strings.Cut(v.Type().Field(i).Tag.Get("query"), ",")
		delete(unused, name)
		if limited && dialect(only) != d {
			continue
		}
		text, ok := texts[name]
		if !ok {
			faults = append(faults, fmt.Errorf("query %s is missing", name))
			continue
		}
		named, err := db.PrepareNamedContext(ctx, text)
		if err != nil {
			faults = append(faults, fmt.Errorf("prepare query %s: %w", name, err))
			continue
		}
		v.Field(i).Set(reflect.ValueOf(&statement{name: name, named: named}))
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		faults = append(faults, fmt.Errorf("query %s is used by nothing", name))
	}
	return q, errors.Join(faults...)
}
