package main

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"time"

	"github.com/emersion/go-message"

	"github.com/giaolien/giaolien/bridge/notice"
)

// noticesSamplesCommand shows what agencies will get, before any of them gets it. It needs configuration, rules and directory, no database and
// no server.
type noticesSamplesCommand struct {
	Folder string `arg:"" help:"Folder to write into; it is made when it is not there. Samples of an earlier run are written over."`
	Agency string `help:"Receiving agency that speaks, by its id in the configuration; default: the first."`
	To     string `help:"Agency of the directory that is spoken to, by id, code or alias; default: the first with a mailbox."`
}

func (c *noticesSamplesCommand) Run(ctx context.Context, std streams, common *Common) error {
	cfg, err := readConfig(common.Config)
	if err != nil {
		return err
	}
	know, err := loadKnowledge(ctx, cfg, "", nil, std.err)
	if err != nil {
		return err
	}
	if c.Agency == "" {
		c.Agency = cfg.Agencies[0].ID // configurations without any are refused
	}
	samples, err := know.active().SampleNotices(c.Agency, c.To, time.Now())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Folder, 0o755); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	for _, s := range samples {
		r, err := renderSample(s)
		if err != nil {
			return err
		}
		path := filepath.Join(c.Folder, s.Name+".eml")
		if err := os.WriteFile(path, r.Bytes, 0o644); err != nil {
			return fmt.Errorf("write sample: %w", err)
		}
		subject, err := subjectOf(r.Bytes)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "wrote  %s  %s\n", path, subject)
	}
	fmt.Fprintln(std.out, "open them with a mail program; nothing was sent, and no number was taken")
	return nil
}

// subjectOf reads the subject as a mail program shows it: that of a draft still has its placeholders.
func subjectOf(raw []byte) (string, error) {
	e, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("read sample: %w", err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(e.Header.Get("Subject"))
	if err != nil {
		return "", fmt.Errorf("decode subject of a sample: %w", err)
	}
	return subject, nil
}

// renderSample gives a sample as it would be sent. Under its key nobody's token is right: a sample that comes back is no notice of ours.
func renderSample(s notice.Sample) (notice.Rendered, error) {
	return notice.Render(s.Draft, s.Numbers, notice.Keys{{ID: "sample", Secret: make([]byte, 32)}})
}
