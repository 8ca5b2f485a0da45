package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// draft is a rules file that was read and tried.
type draft struct {
	body   []byte
	rules  *policy.Rules
	active string // the version in force, empty when there is none
	trial  bridge.Trial
	// everyone says by which way, and where, nearly all agencies would be refused; empty: by none.
	everyone string
}

// read reads a rules file and tries it; what is doubtful goes to warn. An empty name is the file of the configuration.
func (o *rulesOffice) read(ctx context.Context, file string, warn io.Writer) (*draft, error) {
	if file == "" {
		file = o.config.Rules.File
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read rules: %w", err)
	}
	return o.draft(ctx, file, body, warn)
}

// draft reads the text of rules and tries it. origin names it in faults.
func (o *rulesOffice) draft(ctx context.Context, origin string, body []byte, warn io.Writer) (*draft, error) {
	rules, warnings, err := policy.ReadRules(origin, body)
	if err != nil {
		return nil, err
	}
	printWarnings(warn, warnings)
	k, err := o.inForce(ctx, rules)
	if err != nil {
		return nil, err
	}
	printWarnings(warn, rules.Warnings(time.Now(), k.Directory))
	printWarnings(warn, rules.UnknownReceivers(receiversOf(o.config)))
	d := &draft{body: body, rules: rules}
	active, err := o.try(ctx, d, k)
	if err == nil {
		d.reach(active, k.Directory, o.config.Agencies)
	}
	return d, err
}

// inForce is the knowledge that decides now. Where none was activated yet, or this program cannot make it again, the directory is that of the
// configuration.
func (o *rulesOffice) inForce(ctx context.Context, draft *policy.Rules) (*bridge.Knowledge, error) {
	v, known, err := o.store.LastActivation(ctx)
	if err != nil {
		return nil, err
	}
	if known {
		stored := &versions{store: o.store, parsed: map[bridge.Versions]*bridge.Knowledge{}}
		if k, gap, err := stored.knowledge(ctx, v); err != nil || gap == "" {
			return k, err
		}
	}
	dir, err := readDirectory(o.config.Directory.File, io.Discard)
	if err != nil {
		return nil, err
	}
	return bridge.NewKnowledge(draft, dir, bridge.Settings{})
}

// receiversOf are the names that rules may call a receiver by: receiving agencies, mailboxes and accounts of the axis.
func receiversOf(cfg config.Config) []string {
	var names []string
	for _, a := range cfg.Agencies {
		names = append(names, a.ID)
	}
	for _, m := range cfg.Mailboxes {
		names = append(names, m.Name)
	}
	for _, a := range cfg.Axes {
		names = append(names, a.Name)
	}
	return names
}

// tried is how far back mail is looked at.
const tried = 30 * 24 * time.Hour

// try decides what came in the last month by the draft. A version in force that this program cannot read any more is no hindrance: it is what
// is to be replaced.
func (o *rulesOffice) try(ctx context.Context, d *draft, k *bridge.Knowledge) (active *policy.Rules, err error) {
	now, known, err := o.store.RulesIn(ctx, store.RulesActive)
	if err != nil {
		return nil, err
	}
	if known {
		d.active = now.Rules
		body, err := o.store.Version(ctx, now.Rules)
		if err != nil {
			return nil, err
		}
		active, _, _ = policy.ReadRules("", body)
	}
	today := time.Now()
	return active, o.store.AskedBetween(ctx, today.Add(-tried), today.Add(24*time.Hour), k, func(r store.AskedReceipt) error {
		d.trial.Try(d.rules, active, k.Directory, r.State, r.Asked)
		return nil
	})
}

// reach looks for a way to a receiving agency by which the draft would refuse nine of ten agencies of the directory, and the rules in force
// would not: on the first day of an office there is no past mail to try them on.
func (d *draft) reach(active *policy.Rules, dir *directory.Directory, receivers []config.Agency) {
	for _, receiver := range receivers {
		for _, way := range [...]bridge.Channel{bridge.Email, bridge.Paper, bridge.System} {
			refused, asked := d.rules.Reached(dir, string(way), receiver.ID)
			if refused*10 < asked*9 || refused == 0 {
				continue
			}
			if active != nil {
				if now, _ := active.Reached(dir, string(way), receiver.ID); now*10 >= asked*9 {
					continue
				}
			}
			d.everyone = fmt.Sprintf("by %s to %s, ordinary letters of %d of %d agencies of the directory would be refused in the end", way, receiver.ID, refused, asked)
			return
		}
	}
}

// words says what the trial found.
func (d *draft) words() string {
	t := d.trial
	if t.Looked == 0 {
		return "chưa có thư nào trong 30 ngày qua để thử"
	}
	text := fmt.Sprintf("trong %d thư của 30 ngày qua, khi mọi giai đoạn đã bắt đầu sẽ từ chối %d", t.Looked, t.Refused)
	if t.Refused != t.Newly {
		text += fmt.Sprintf(" (%d thư mà bản đang áp dụng không từ chối)", t.Newly)
	}
	return text
}

// frightens says why a person should look twice, empty when there is no cause: the draft refuses everyone or nearly
// every agency, or would have refused one mail in ten that the rules in force would not.
func (d *draft) frightens() string {
	if all := d.rules.RefusesEveryone(); len(all) > 0 {
		return fmt.Sprintf("rule %s refuses every sender and every document", strings.Join(all, ", "))
	}
	if d.trial.Newly*10 >= d.trial.Looked && d.trial.Newly > 0 {
		return "so much mail would be refused"
	}
	return d.everyone
}

// question is what a person is asked before the rules come into force, empty when there is no cause.
func (d *draft) question() string {
	why := d.frightens()
	if why == "" {
		return ""
	}
	return why + "; " + d.refusedWords()
}

// refusedWords is the question in numbers, for errors.
func (d *draft) refusedWords() string {
	return fmt.Sprintf("of %d mails of the last 30 days it would have refused %d, %d of them newly", d.trial.Looked, d.trial.Refused, d.trial.Newly)
}
