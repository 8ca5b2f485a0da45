// Command child is the hidden command of the program alone, for tests whose own binary has the race detector in it: that one takes long to
// start and reserves more memory than a tool may.
package main

import (
	"fmt"
	"os"

	"github.com/giaolien/giaolien/bridge/evidence"
)

func main() {
	if err := evidence.Child(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
