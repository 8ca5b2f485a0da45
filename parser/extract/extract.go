// Package extract reads the text out of documents: bytes in, text out, within limits. It follows no reference, runs no macro and expands
// no entity of a document's own.
package extract

import "errors"

// Errors of documents; what is wrong with one is a fact about it. Ask with errors.Is.
var (
	ErrNotDocument = errors.New("no document in the container")
	ErrTooLarge    = errors.New("document over the limit")
	ErrDepth       = errors.New("document nested too deep")
)
