package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/store"
)

// dbCommand holds what concerns the database as a whole.
type dbCommand struct {
	Migrate migrateCommand `cmd:"" help:"Create the schema, or bring an older one up to date. Safe to run twice, and from two hosts."`
}

type migrateCommand struct{}

func (*migrateCommand) Run(ctx context.Context, std streams, common *Common) error {
	cfg, err := readConfig(common.Config)
	if err != nil {
		return err
	}
	if err := migrate(ctx, cfg); err != nil {
		return err
	}
	fmt.Fprintln(std.out, "the schema is up to date")
	return nil
}

// databaseURL is where receipts and outcomes are kept; without one it is a SQLite file in the data folder.
func databaseURL(cfg config.Config) string {
	if cfg.Database.URL != "" {
		return cfg.Database.URL
	}
	return "sqlite:" + filepath.Join(cfg.Data, "giaolien.db")
}

// migrate makes the data folder and the schema in it.
func migrate(ctx context.Context, cfg config.Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	if err := store.Migrate(ctx, databaseURL(cfg)); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}
