//go:build !linux || !(amd64 || arm64)

package evidence

// breakOut has no walls to try here.
func breakOut(string) {}
