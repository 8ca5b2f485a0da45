package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/giaolien/giaolien/mapping/directory"
)

//go:embed files
var initFiles embed.FS

// initCommand starts a new installation. It never writes over a file.
type initCommand struct {
	Dir string `arg:"" optional:"" default:"." help:"Folder for configuration and data." type:"path"`
}

func (c *initCommand) Run(ctx context.Context, std streams) error {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for _, name := range []string{"config.toml", "rules.toml", "agencies.csv"} {
		if err := writeNew(filepath.Join(c.Dir, name), name); err != nil {
			return err
		}
	}
	cfg, err := readConfig(filepath.Join(c.Dir, "config.toml"))
	if err != nil {
		return err
	}
	if err := migrate(ctx, cfg); err != nil {
		return err
	}
	if err := activate(ctx, cfg); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s: config.toml, rules.toml, agencies.csv and the database are ready.\nNow name the receiving agency and its mailboxes in config.toml, then: giaolien check\n", c.Dir)
	return nil
}

func writeNew(path, name string) error {
	data := directory.Starting()
	if name != "agencies.csv" {
		var err error
		if data, err = initFiles.ReadFile("files/" + name); err != nil {
			return fmt.Errorf("read template %s: %w", name, err)
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; init never writes over a file: choose another folder", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
