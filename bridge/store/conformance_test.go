package store_test

import "testing"

func TestSQLite(t *testing.T)   { Conform(t, sqliteDatabase()) }
func TestPostgres(t *testing.T) { Conform(t, postgresDatabase(t)) }

// Conform runs everything that both databases must do alike.
func Conform(t *testing.T, d database) {
	for _, c := range []struct {
		name string
		run  func(*bench)
	}{
		{"receipt/first", testFirstReceipt},
		{"receipt/same origin twice", testSameOrigin},
		{"receipt/joined", testJoined},
		{"receipt/duplicates inside a batch", testBatchDuplicates},
		{"receipt/two receiving agencies", testTwoReceivers},
		{"receipt/renumbered folder", testRenumbered},
		{"receipt/lost reply", testLostReceipts},
		{"receipt/two daemons", testTwoDaemonsReceive},
		{"receipt/year", testReceiptYear},
		{"receipt/dirty text", testDirtyText},
		{"receipt/unknown receiver", testUnknownReceiver},
		{"receipt/imported then live", testImportedThenLive},
		{"receipt/live meanwhile", testLiveMeanwhile},
		{"receipt/live in one batch", testLiveInOneBatch},
		{"receipt/live after failure", testLiveAfterFailure},
		{"receipt/live race", testLiveRace},
		{"receipt/old uid stays", testOldUIDStays},
		{"lease/hands", testLease},
		{"lease/fenced writes", testFencedWrites},
		{"ledger/accounted", testAccounted},
		{"ledger/tries and ends", testFetchTries},
		{"ledger/uidvalidity", testUIDValidity},
		{"ledger/actions", testActions},
		{"work/claim and takeover", testTakeover},
		{"work/three tries", testThreeTries},
		{"work/suspects alone", testSuspectsAlone},
		{"work/imports last", testImportsLast},
		{"work/give back", testGiveBack},
		{"work/claim one", testClaimOne},
		{"work/two daemons claim", testTwoDaemonsClaim},
		{"commit/registered", testRegistered},
		{"commit/again is fenced", testCommitAgain},
		{"commit/lost reply", testLostCommit},
		{"commit/stale key", testStaleKey},
		{"commit/stale amendment", testStaleAmendment},
		{"commit/joined record", testJoinedRecord},
		{"commit/joined to nothing", testJoinedToNothing},
		{"commit/second outcome", testSecondOutcome},
		{"commit/gapless", testGapless},
		{"commit/book of a new year", testBookYear},
		{"commit/unrenderable", testUnrenderable},
		{"commit/refused data", testRefusedData},
		{"commit/secret", testSecret},
		{"commit/imported never sends", testImportedNeverSends},
		{"notice/once", testNoticeOnce},
		{"notice/overruled", testOverruled},
		{"notice/made anew", testMadeAnew},
		{"notice/says the same", testSaysTheSame},
		{"notice/overrules what is sent", testOverrulesWhatIsSent},
		{"notice/refusal not told", testRefusalNotTold},
		{"notice/refusal dies meanwhile", testRefusalDiesMeanwhile},
		{"notice/review", testReview},
		{"notice/review at claim", testReviewAtClaim},
		{"notice/reminders", testReminders},
		{"notice/send", testSend},
		{"notice/fence", testNoticeFence},
		{"notice/caps", testCaps},
		{"notice/caps of two daemons", testCapsTwoDaemons},
		{"notice/bounce", testBounce},
		{"notice/cancel", testCancel},
		{"alarm/once", testAlarm},
		{"alarm/unmailed", testAlarmUnmailed},
		{"people/open work", testOpenWork},
		{"people/open work cut", testOpenCut},
		{"people/printed forms", testPrintedForms},
		{"people/retry", testRetry},
		{"people/versions", testVersions},
		{"people/refs and counts", testRefs},
		{"audit/leaves", testLeaves},
		{"wake/local", testWake},
		{"schema/refused", testSchema},
		{"schema/two migrate at once", testMigrateTwice},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(newBench(t, d)) })
	}
}
