package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"github.com/giaolien/giaolien/bridge/config"
)

// newLogger speaks on standard error: for a person on a terminal, as JSON anywhere else, or as the configuration says.
func newLogger(c config.Log, w io.Writer) *slog.Logger {
	level := slog.Level(slog.LevelInfo)
	switch c.Level {
	case config.LogDebug:
		level = slog.LevelDebug
	case config.LogWarn:
		level = slog.LevelWarn
	case config.LogError:
		level = slog.LevelError
	}
	f, isFile := w.(*os.File)
	terminal := isFile && term.IsTerminal(int(f.Fd()))
	if c.Format == config.LogTerminal || c.Format == config.LogAuto && terminal {
		return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: "15:04:05", NoColor: !terminal}))
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}
