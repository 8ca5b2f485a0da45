package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/evidence"
)

// packages are what Debian and Ubuntu have a tool in.
func packages(tool, language string) []string {
	if tool == "tesseract" {
		return []string{"tesseract-ocr", "tesseract-ocr-" + strings.ReplaceAll(language, "_", "-")}
	}
	return []string{"poppler-utils"}
}

// reading looks at the tools that read files, and at the walls around them. Nothing of it is a fault: mail is taken in without.
func (c *checking) reading(ctx context.Context, cfg config.Reading) {
	if !cfg.Enabled {
		c.note("[reading] enabled = false: PDFs and pictures are listed without their text, and their signatures are not read")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	c.readingWith(ctx, cfg, readerOptions(cfg))
}

func (c *checking) readingWith(ctx context.Context, cfg config.Reading, o evidence.Options) {
	r, err := evidence.NewReader(ctx, o)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("the tools did not answer within %s; start them by hand: pdftotext -v, tesseract --version", checkTimeout)
		}
		c.report("tools that read files", err)
		return
	}
	var absent []string
	for _, p := range r.Tools() {
		if p.Path == "" && needed(p.Name, cfg) {
			absent = append(absent, packages(p.Name, cfg.Language)...)
		}
		c.tool(p, cfg)
	}
	if len(absent) > 0 {
		c.note("what is not installed comes on Debian and Ubuntu with: apt-get install " + strings.Join(slices.Compact(absent), " ") + "; then start the daemon again")
	}
	if !cfg.OCR {
		c.note("[reading] ocr = false: scans and pictures are listed without their text")
	}
	c.walls(r.Walls())
}

// needed says whether a tool is used at all under these settings.
func needed(tool string, cfg config.Reading) bool {
	return cfg.OCR || tool == "pdftotext" || tool == "pdfinfo"
}

func (c *checking) tool(p evidence.Program, cfg config.Reading) {
	switch {
	case !needed(p.Name, cfg):
	case !p.Usable:
		c.note(p.Name + " " + p.Why + "; until then " + lostWithout(p.Name))
	case p.Name == "tesseract":
		c.report(p.Name+" "+p.Version+", language "+cfg.Language, nil)
	default:
		c.report(p.Name+" "+p.Version, nil)
	}
}

// walls says what stands around the tools, and what to do where a wall is missing.
func (c *checking) walls(w evidence.Walls) {
	if w == (evidence.Walls{}) {
		c.note("no tool is run here, since it could not be locked up: run on Linux, as a user that may use namespaces or seccomp")
		return
	}
	c.report("walls around the tools: "+w.String(), nil)
	if w.Landlock == 0 {
		c.note("the kernel has no Landlock, so that only permissions keep the tools from files: run the daemon as a user of its own, or with Linux 5.13 or newer")
	}
	if !w.Seccomp {
		c.note("there is no filter of system calls around the tools: run where seccomp may be used, as under packaging/giaolien.service")
	}
}
