// Package store keeps everything but raw mail in SQLite or PostgreSQL, and is the only package with SQL.
//
// Every change is one transaction with one fixed "now", taken from the database's clock, and writes its audit events itself: what the log
// says and what the tables say cannot part. What keeps several daemons on one PostgreSQL apart:
//
//   - Tx 1 (PutReceipts) takes the row lock of a counter first, so arrivals are numbered and compared with what is known one batch at a
//     time. A delivery's Origin is unique: after a lost COMMIT reply the same batch gives the same answer.
//   - A job row is the lock of its receipt or notice. Claims skip locked rows and raise the job's fence; tx 2 (Commit), amendments and a
//     person's retry all lock the job before they look at the receipt. A job is deleted by the transaction that settles it, so a second
//     Commit of the same claim finds no job under its fence.
//   - The reading of a receipt's files is a job of its own: it is queued by the outcome that asks for it, and its end revives the receipt's job.
//   - Every notice that may still be sent has a job; while it waits for a person, that job is dead. So a later outcome can lock the notices
//     that it overrules.
//   - Whatever takes the ground from under a settled receipt (a new amendment, a refusal that nobody heard of, the end of a record that it is
//     joined to, a live delivery of imported mail) revives its job in the same transaction. A job that somebody has in hand stays there, and
//     Commit finds what is new: it compares everything that the outcome was decided on.
//   - Register numbers come out of a counter row that stays locked until the transaction ends: no gaps, no double number. After the
//     lock the clock is taken anew, and no instant of registration lies before that of an earlier number; after COMMIT the numbers are also
//     appended to a file outside of the database, which a restored one is compared with (highwater.go).
//   - A mailbox lease is a row with a fence that only grows; fenced writes hold it until they end.
//
// Locks are always taken in this order: lease, counter, job of a receipt, job of a notice, job of a reading, record,
// book, key. Where two transactions still meet the wrong way round, the database
// ends one of them and it is run again, which is safe because nothing of it was written.
//
// An error of COMMIT itself means "unknown", and every method may be called again after it. A claim that ends so may have leased jobs that
// nobody has in hand: the store remembers it, and its next claim takes them back (lost.go).
package store
