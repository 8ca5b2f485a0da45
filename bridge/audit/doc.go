// Package audit says what happened, as events whose canonical bytes can be hashed into a log and checked for ever. The log itself is built
// over the leaves that this package makes.
//
// The life of an event: a named constructor makes it (New… in the file of its theme), Stamped dates it where there was no clock, NewSalts
// salts its sealed values, and Seal turns it into the bytes that are stored and hashed. Facts are public for ever: codes, identifiers,
// numbers and digests of long texts. Everything about persons is sealed.
package audit
