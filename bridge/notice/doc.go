// Package notice turns a decision into a Vietnamese answer to the sender, or into the reason why nobody is answered.
//
// Compose decides purely whether and what is told, and to whom; Render gives a draft its fixed bytes inside the transaction that knows its
// numbers; Verify recognises our own notices when they, or reports about them, come back.
package notice
