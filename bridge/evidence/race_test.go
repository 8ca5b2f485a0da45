//go:build race

package evidence

// raced says that the race detector is in this binary.
const raced = true
