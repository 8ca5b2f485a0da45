package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/giaolien/giaolien/mapping"
	"github.com/giaolien/giaolien/parser/charset"
	"github.com/giaolien/giaolien/parser/vanban"
)

// Options are the settings of a Reader; their zero values are good.
type Options struct {
	Command []string          // starts the child, which gets its task as one more argument; default: this program and "child"
	Dir     string            // for unnamed files (the input, the picture of a page); default: the system's temporary folder
	Paths   map[string]string // of tools that are not where they are usually, by name

	Limits Limits        // of each run of a tool
	Budget time.Duration // for one file with all its pages; default 60 s
	Size   int64         // bytes of the largest file that is read; default 100 MiB
	Text   int           // bytes of text that are kept; default 2 MiB

	First, Last int // pages of a PDF that are read, from its beginning and from its end; default 2 and 1

	Trust *Authorities     // whose signatures are trusted; nil: no one's, signatures are only found
	Now   func() time.Time // for which certificates are judged; default: time.Now

	NoOCR    bool
	OCRPages int    // pages of one file that are read by OCR at most; default 3
	Language string // of OCR; default vie
	TessData string // folder of its data; default: tesseract's own
}

func (o *Options) setDefaults() {
	if len(o.Command) == 0 {
		o.Command = []string{"/proc/self/exe", "child"} // the program that runs, even when its file was replaced meanwhile
	}
	o.Limits.setDefaults()
	if o.Budget <= 0 {
		o.Budget = time.Minute
	}
	if o.Size <= 0 {
		o.Size = 100 << 20
	}
	if o.Text <= 0 {
		o.Text = 2 << 20
	}
	if o.First <= 0 && o.Last <= 0 {
		o.First, o.Last = 2, 1
	}
	if o.OCRPages <= 0 {
		o.OCRPages = 3
	}
	if o.Language == "" {
		o.Language = "vie"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

// Reader reads the text of files with the tools of this machine, in a child process of this program under limits. It may be used by several
// goroutines at once; each file then has its own child, and it is the caller who says how many.
type Reader struct {
	options Options
	cage    *cage // nil: no tool is run
	uncaged error // why not
	tools   []Program
	own     Program // this program as the reader of signatures
	name    string
}

// NewReader finds the tools and the walls of this machine. What is missing is a fact that Tools and Walls tell, not an error.
func NewReader(ctx context.Context, o Options) (*Reader, error) {
	o.setDefaults()
	r := &Reader{options: o}
	r.cage, r.uncaged = newCage(ctx, o.Command, o.Limits)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.uncaged == nil && !r.cage.walls.Network() {
		r.cage, r.uncaged = nil, errors.New("the kernel has neither namespaces nor seccomp for this user, and a tool could reach the network")
	}
	for _, name := range []string{pdftotext, pdfinfo, pdftoppm, tesseract} {
		t, err := r.find(ctx, name)
		if err != nil {
			return nil, err
		}
		r.tools = append(r.tools, t)
	}
	own, err := r.findOwn(ctx)
	if err != nil {
		return nil, err
	}
	r.own, r.name = own, r.naming()
	return r, nil
}

// Tools lists the tools, those that are missing too.
func (r *Reader) Tools() []Program { return append([]Program(nil), r.tools...) }

// Walls says what stands around the tools; the zero value when none can be run.
func (r *Reader) Walls() Walls {
	if r.cage == nil {
		return Walls{}
	}
	return r.cage.walls
}

// OCR says whether pictures can be read.
func (r *Reader) OCR() bool { return !r.options.NoOCR && r.tool(tesseract).Usable }

func (r *Reader) tool(name string) Program {
	for _, t := range r.tools {
		if t.Name == name {
			return t
		}
	}
	return Program{Name: name}
}

// Problem says why the text of a file is missing or not all of it. It is a fact about the file or the machine; stable, it is stored.
type Problem string

const (
	UnknownKind Problem = mapping.ProblemUnknownKind // no tool reads such files
	TooLarge    Problem = mapping.ProblemTooLarge    // the file is larger than what is read
	NoTool      Problem = mapping.ProblemNoTool      // the tool for it is not installed, or cannot be locked up
	NoOCR       Problem = mapping.ProblemNoOCR       // a page is a picture, and OCR is off or not installed
	Encrypted   Problem = mapping.ProblemEncrypted   // a password is needed
	Damaged     Problem = mapping.ProblemDamaged     // the tool could not read it, or fell over it
	Deadline    Problem = mapping.ProblemDeadline    // time was over
	Overuse     Problem = mapping.ProblemOveruse     // it cost more processor time or output than a tool is given
	NoText      Problem = mapping.ProblemNoText      // every page was read, and nothing was found
)

// Method says how the text of a page was got.
type Method string

const (
	TextLayer Method = "pdftotext"
	ByOCR     Method = "ocr"
)

// PageText is the text of one page.
type PageText struct {
	Number     int     `json:"number"` // from 1
	Text       string  `json:"text"`
	Method     Method  `json:"method"`     // empty: neither way gave text
	Confidence float64 `json:"confidence"` // of OCR, 0 to 1: the mean of its words; 1 for a text layer
	Layer      string  `json:"layer"`      // beside OCR: the text layer that was too little, often the signature's appearance
}

// FileText is what was read of a file.
type FileText struct {
	Text      string     `json:"text"`  // of all pages read, in their order
	Pages     []PageText `json:"pages"` // those that were read
	PageCount int        `json:"page_count"`
	Charset   string     `json:"charset"` // of a text layer that was not Unicode (tcvn3 …), by its letters; empty otherwise
	Tool      string     `json:"tool"`    // pdftotext, tesseract, or pdftotext+tesseract
	Version   string     `json:"version"` // theirs, in the same form
	Options   string     `json:"options"` // what it was asked for and how
	Truncated bool       `json:"truncated"`
	Problem   Problem    `json:"problem"` // empty: none
	// Secret is the mark of secrecy that was seen; from then on nothing was read, and but for the number of pages nothing is kept.
	Secret vanban.Secrecy `json:"secret"`
}

// Text reads a file whose kind is known by its bytes (application/pdf, image/jpeg, image/png, image/tiff). What is wrong with the file is in
// the result. The error is about us: the file could not be taken over, no child could be started, or ctx is done.
func (r *Reader) Text(ctx context.Context, file io.Reader, size int64, sniffed string) (FileText, error) {
	j := &job{}
	if err := r.do(ctx, j, file, size, sniffed); err != nil {
		return FileText{}, err
	}
	return j.FileText, nil
}

// do does a job: it takes the file over and reads it within the budget.
func (r *Reader) do(ctx context.Context, j *job, file io.Reader, size int64, sniffed string) error {
	var read func(context.Context, *job) error
	switch mediaType(sniffed) {
	case "application/pdf":
		read = r.readPDF
	case "image/jpeg", "image/png":
		read = r.readPicture
	case "image/tiff":
		read = r.readTIFF
	default:
		j.Problem = UnknownKind
		return nil
	}
	switch {
	case size > r.options.Size:
		j.trouble(TooLarge)
		return nil
	case r.cage == nil:
		j.Problem = NoTool
		return nil
	}
	copied, input, err := unnamed(r.options.Dir)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }() // only read
	n, err := io.Copy(copied, io.LimitReader(file, r.options.Size+1))
	if err = errors.Join(err, copied.Close()); err != nil {
		return fmt.Errorf("take over file: %w", err)
	}
	if n > r.options.Size {
		j.trouble(TooLarge)
		return nil
	}
	j.input = input
	budget, cancel := context.WithTimeout(ctx, r.options.Budget)
	defer cancel()
	err = read(budget, j)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && budget.Err() != nil:
		j.trouble(Deadline)
	case err != nil:
		return err
	}
	j.finish(r.options.Text)
	return nil
}

// job is the reading of one file.
type job struct {
	FileText
	input *os.File
	signs *signing // nil: nobody asks for signatures
}

// trouble notes what was wrong; the first trouble is the cause of later ones.
func (j *job) trouble(p Problem) {
	j.Truncated = true
	if j.Problem == "" {
		j.Problem = p
	}
}

// judge notes what a run's end says of the file, and reports whether its output can be used.
func (j *job) judge(e ending) bool {
	switch {
	case e.deadline:
		j.trouble(Deadline)
	case e.full || e.signal == sigKill || e.signal == sigXCPU || e.signal == sigXFSZ:
		j.trouble(Overuse)
	case strings.Contains(e.said, "Incorrect password"):
		j.trouble(Encrypted)
	case e.code != 0:
		j.trouble(Damaged)
	default:
		return true
	}
	return e.full || e.deadline
}

// Signals of the kernel's limits. Their numbers are those of every Linux that we run on.
const (
	sigKill = 9
	sigXCPU = 24
	sigXFSZ = 25
)

// used notes that a tool had a part in the text.
func (j *job) used(t Program, options string) {
	if strings.Contains(j.Tool, t.Name) {
		return
	}
	if j.Tool != "" {
		j.Tool, j.Version, j.Options = j.Tool+"+", j.Version+"+", j.Options+"; "
	}
	j.Tool, j.Version, j.Options = j.Tool+t.Name, j.Version+t.Version, j.Options+options
}

// finish joins the pages, or forgets them.
func (j *job) finish(most int) {
	if j.Secret != "" {
		j.FileText = FileText{Secret: j.Secret, PageCount: j.PageCount}
		return
	}
	var b strings.Builder
	for i, p := range j.Pages {
		if p.Text == "" {
			continue
		}
		if i > 0 && b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(p.Text)
	}
	text := b.String()
	if len(text) > most {
		text, j.Truncated = strings.ToValidUTF8(text[:most], ""), true
	}
	j.Text = text
	if text == "" && j.Problem == "" {
		j.Problem = NoText
	}
}

// clean makes a tool's text fit to be stored. It keeps one letter more than is wanted, so that finish sees that there was more.
func clean(text string, most int) string {
	return strings.Trim(charset.CleanText(text, most+1), "\n")
}
