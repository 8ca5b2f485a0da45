// Package mailbox watches the folders of IMAP accounts and brings every message through the door exactly once.
//
// Each folder is watched under a lease, on a connection of its own:
//
//	lease → connect, log in → EXAMINE → what is there, minus what the ledger accounts for
//	   ^                                   |
//	   |                                   v
//	 backoff <── any error       note as sighted → FETCH in groups → archive → Door.Accept
//	   ^                                   |
//	   |                                   v
//	   '──────── IDLE, woken by EXISTS or at the latest at the next poll ──> EXAMINE, what is new
//
// What counts as new is the difference between the UIDs on the server and those in the ledger: never \Seen, never a date. Within one
// connection, under one UIDVALIDITY and one lease, only UIDs from the next one on are asked for; every connection and every hour begin
// with the whole folder.
//
// A message is taken only when its FETCH has ended with OK, its UID was asked for, and its length is the one announced. Whatever goes
// wrong in a group makes its messages suspects: they are fetched one by one, each try counted in the ledger before it is made, healthy
// messages first. After the third failure a message is failed and waits for a person; the others never wait for it.
//
// With Deps.Marked the header blocks of a group are looked at first. Of a message whose header bears a mark of secrecy the block is all that
// is ever fetched, and it goes through the door as such; a message that cannot be looked at is a suspect, and is never fetched unseen. When
// a person has cleared a mark, the ledger names its UID again, and the whole message is fetched.
//
// The server is not trusted: a guard between TLS and the library bounds lines, nesting and everything that is not an announced message
// body, every command has a time limit after which the connection is closed, and no set of UIDs from the server is ever expanded before
// it has been counted against the number of messages.
package mailbox
