package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	c.trust(cfg.TrustFolder, time.Now())
}

// soon is how long before its end the certificate of an authority is told.
const soon = 60 * 24 * time.Hour

// trust looks at the authorities whose signatures are believed. A folder that cannot be read whole is a fault: the daemon does not start with
// it.
func (c *checking) trust(folder string, now time.Time) {
	if folder == "" {
		c.note("[reading] trust_folder is empty: no signature is called valid; put the certificates of your authorities into a folder and name it")
		return
	}
	a, err := evidence.LoadAuthorities(folder)
	if err == nil && len(a.Roots()) == 0 {
		err = errors.New("it holds no certificate; put those of your authorities into it, or remove trust_folder")
	}
	what := "trust folder " + folder
	if err != nil {
		c.report(what, err)
		return
	}
	c.report(fmt.Sprintf("%s: roots %d, other authorities %d", what, len(a.Roots()), a.Between()), nil)
	for _, root := range a.Roots() {
		name, end := root.Subject.CommonName, root.NotAfter.Format(time.DateOnly)
		switch {
		case now.After(root.NotAfter):
			c.note("root " + name + " ended on " + end + ": what is signed later is not valid by it; add the authority's new certificate, and keep this one for older documents")
		case now.Add(soon).After(root.NotAfter):
			c.note("root " + name + " ends on " + end + ": ask the authority for its new certificate")
		}
	}
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
	if p := r.SignatureReader(); !p.Usable {
		c.note("signatures of PDF files are not read: this program " + p.Why)
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
