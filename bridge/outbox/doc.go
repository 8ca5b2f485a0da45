// Package outbox hands committed notices to a submission server, each at least once and with the same bytes on every try.
//
// One turn of the Runner:
//
//	WaitingNotices > 0 ── connect, TLS, AUTH ── ClaimNotices ── MAIL, RCPT, DATA, dot ── NoticeSent | NoticeLater | NoticeDead
//	                           │ fails                                │ connection lost
//	                           └ one failure of the server, no        └ before the dot: not sent, tried once more on a new connection
//	                             notice is claimed, none ages           after the dot: unclear, later with the same bytes and Message-ID
//
// The server is looked at before anything is claimed, so that an outage costs no notice an attempt. Nothing is begun that the lease of
// the claim might not outlive, since after it another daemon may send the same notice.
package outbox
