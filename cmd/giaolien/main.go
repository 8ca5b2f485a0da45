// Command giaolien watches official mailboxes, turns mailed documents into records, applies the cutoff rules, answers with notices, and
// accounts for every message.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/giaolien/giaolien/bridge"
)

// version is the program's version, set by the linker; it is stored with every outcome.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(stopPatience, leave) })
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// stopPatience is how long a stop may take. A database on a dead network can hold it up for minutes; leaving loses nothing, since
// everything is taken up again from what is stored.
const stopPatience = 20 * time.Second

func leave() {
	fmt.Fprintln(os.Stderr, "giaolien: not everything could be ended in time; leaving, what was in work is taken up again at the next start")
	os.Exit(exitFailed)
}

// streams are the program's standard streams.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// Exit codes (CLI.md): the command did its work; it failed, with one clear line; wrong usage.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a wrong call that only the command itself could find.
type usageError struct{ error }

// run is the whole program as a function.
func run(ctx context.Context, args []string, std streams) (code int) {
	type exit int
	defer func() { // kong ends --help by calling Exit
		if p := recover(); p != nil {
			e, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(e)
		}
	}()
	cli := commands{Release: verdictCommand{kind: bridge.Release}, Refuse: verdictCommand{kind: bridge.RefuseIt},
		Accept: verdictCommand{kind: bridge.Exception}, Withdraw: withdrawCommand{verdictCommand: verdictCommand{kind: bridge.Withdraw}}, Clear: verdictCommand{kind: bridge.NotSecret}}
	parser, err := kong.New(&cli, kong.Name("giaolien"), kong.Writers(std.out, std.err), kong.UsageOnError(),
		kong.Description("Takes mailed documents into the document system, and ends mail and paper without losing one."),
		kong.Vars{"version": version}, kong.Exit(func(c int) { panic(exit(c)) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(std.err, "giaolien:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	call, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(std.err, "giaolien:", err)
		return exitUsage
	}
	call.BindTo(ctx, (*context.Context)(nil))
	err = call.Run(std, &cli.Common)
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintln(std.err, "giaolien:", err)
		return exitUsage
	default:
		fmt.Fprintln(std.err, "giaolien:", err)
		return exitFailed
	}
}

// Common are the flags of every command.
type Common struct {
	Config string `short:"c" help:"Configuration file." default:"config.toml" env:"GIAOLIEN_CONFIG" type:"path"`
}

// commands are what the program can be asked, in the order in which one meets them.
type commands struct {
	Common
	Version kong.VersionFlag `help:"Print the version."`

	Demo     demoCommand     `cmd:"" help:"The whole road on this machine, with nothing installed."`
	Init     initCommand     `cmd:"" help:"Write config.toml, rules.toml and agencies.csv, and create the database."`
	Check    checkCommand    `cmd:"" help:"Check configuration, rules, directory, database, every mailbox, the submission server and the tools that read files."`
	Serve    serveCommand    `cmd:"" help:"The daemon."`
	Drain    drainCommand    `cmd:"" help:"Do the daemon's work once: fetch, settle, send what is due, exit."`
	Import   importCommand   `cmd:"" help:"Take in a backlog (mbox, Maildir, .eml, ZIP of .eml, an IMAP folder); it is recorded and can never send."`
	Paper    paperCommand    `cmd:"" help:"Submissions on paper."`
	Inspect  inspectCommand  `cmd:"" help:"Read messages or documents and show what was understood."`
	Decide   decideCommand   `cmd:"" help:"Submissions (JSON lines) on standard input, decisions on standard output."`
	Simulate simulateCommand `cmd:"" help:"Try a draft of the rules on the stored past: whom it would hit; nothing is sent or written."`
	Explain  explainCommand  `cmd:"" help:"Why a receipt was decided as it was."`
	Replay   replayCommand   `cmd:"" help:"Decide again what was decided, from what is stored, and name every difference."`

	Waiting  waitingCommand  `cmd:"" help:"List what waits for a person: held and failed mail, notices to release, alarms."`
	Amend    amendCommand    `cmd:"" help:"Correct fields of a receipt; it is decided again."`
	Release  verdictCommand  `cmd:"" help:"Vouch for the sender of a held receipt; the rules decide again."`
	Refuse   verdictCommand  `cmd:"" help:"Refuse a held receipt by hand."`
	Accept   verdictCommand  `cmd:"" help:"Accept a refused, held or ignored receipt as an exception."`
	Withdraw withdrawCommand `cmd:"" help:"Strike a document out of the register that its sender recalled; its number stays."`
	Clear    verdictCommand  `cmd:"" help:"Say that the secret mark of a quarantined receipt was a false alarm."`
	Retry    retryCommand    `cmd:"" help:"Try a failed receipt, or a message that could not be fetched, again."`
	Notices  noticesCommand  `cmd:"" help:"List, release and cancel notices."`
	Alarms   alarmsCommand   `cmd:"" help:"List alarms, and close those that have been seen to."`

	Deliveries deliveriesCommand `cmd:"" help:"List, retry and cancel deliveries to document systems."`
	Export     exportCommand     `cmd:"" help:"Write a record as other systems read it."`

	Rules     rulesCommand     `cmd:"" help:"The cutoff rules as versions: check, activate, confirm, list, show."`
	Directory directoryCommand `cmd:"" help:"The directory of agencies."`
	Axis      axisCommand      `cmd:"" help:"The inbox of a document exchange."`
	Register  registerCommand  `cmd:"" help:"The register of incoming documents (sổ văn bản đến)."`
	Report    reportCommand    `cmd:"" help:"Figures for those who lead: how agencies send, month by month."`

	DB dbCommand `cmd:"" name:"db" help:"The database."`

	Child childCommand `cmd:"" hidden:"" help:"What the program runs as its own child."`
}
