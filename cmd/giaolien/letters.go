package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/notice"
	"github.com/giaolien/giaolien/mapping/directory"
)

// citationsName is the file of citations beside the templates, as it is shipped.
const citationsName = "citations.toml"

// readLetters reads the words of notices as the administrator has set them. Nothing is taken over that has a fault anywhere.
func readLetters(n config.Notices) (notice.Letters, error) {
	l := notice.Letters{VerifyURL: n.VerifyURL, Wording: notice.Wording{Addressee: n.Addressee, Instead: n.Instead, Exemption: n.Exemption, InsteadOutside: n.InsteadOutside}}
	if n.Citations != "" {
		data, err := os.ReadFile(n.Citations)
		if err != nil {
			return l, fmt.Errorf("read citations: %w", err)
		}
		if l.Citations, err = notice.ReadCitations(n.Citations, data); err != nil {
			return l, err
		}
	}
	if n.Templates == "" {
		return l, nil
	}
	var err error
	if l.Templates, err = readTemplates(n.Templates); err != nil {
		return l, err
	}
	_, err = l.Compile()
	var faults directory.Faults
	if errors.As(err, &faults) { // named by their place on the disk
		for i := range faults {
			faults[i].File = filepath.Join(n.Templates, faults[i].File)
		}
		return l, faults
	}
	return l, err
}

// readTemplates reads the .tmpl files of a folder; those that say what is shipped anyway are left out.
func readTemplates(folder string) (map[string]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	out := map[string]string{}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".tmpl" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read templates: %w", err)
		}
		if string(body) != notice.ShippedTemplate(e.Name()) {
			out[e.Name()] = string(body)
		}
	}
	return out, nil
}

// noticesTemplatesCommand writes what is shipped, and never over a file that is there.
type noticesTemplatesCommand struct {
	Folder string `arg:"" help:"Folder to write into; it is made when it is not there."`
}

func (c *noticesTemplatesCommand) Run(_ context.Context, std streams) error {
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	files := map[string]string{citationsName: string(notice.ShippedCitations())}
	names := append(notice.TemplateFiles(), citationsName)
	for _, name := range notice.TemplateFiles() {
		files[name] = notice.ShippedTemplate(name)
	}
	for _, name := range names {
		path := filepath.Join(c.Folder, name)
		if err := writeOnce(path, files[name]); err != nil {
			if errors.Is(err, fs.ErrExist) {
				fmt.Fprintf(std.out, "kept   %s\n", path)
				continue
			}
			return fmt.Errorf("write template: %w", err)
		}
		fmt.Fprintf(std.out, "wrote  %s\n", path)
	}
	fmt.Fprintf(std.out, "change what you need, delete the rest, then set templates = %q (and citations) under [notices] and run giaolien check\n", c.Folder)
	return nil
}

// writeOnce writes a file that must not be there yet.
func writeOnce(path, body string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(body)
	return errors.Join(err, f.Close())
}
