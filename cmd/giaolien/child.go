package main

import "github.com/giaolien/giaolien/bridge/evidence"

// childCommand is what the program runs as its own child, to read a file with a foreign tool under limits. No person calls it.
type childCommand struct {
	Task string `arg:"" help:"What to run, as the parent says it."`
}

func (c *childCommand) Run() error { return evidence.Child(c.Task) }
