package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/bridge/outbox"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
	"github.com/giaolien/giaolien/mapping/edxml"
)

// targetOf makes the target of a [[target]]. Nothing is connected. dir gives the directory that holds now, nil when there is none to ask.
func targetOf(cfg config.Config, t config.Target, dir func() *directory.Directory) (bridge.Target, error) {
	switch t.Kind {
	case config.TargetWebhook:
		return webhookOf(t)
	case config.TargetFolder:
		return outbox.NewFolder(t.Name, t.Folder, organOf(cfg), nil), nil
	}
	return axisTarget(cfg, t, dir)
}

// organOf names our receiving agencies as packages do.
func organOf(cfg config.Config) func(receiver string) edxml.Organ {
	return func(receiver string) edxml.Organ {
		for _, a := range cfg.Agencies {
			if a.ID == receiver {
				return edxml.Organ{ID: a.Code, Name: a.Name, InCharge: a.ParentName}
			}
		}
		return edxml.Organ{}
	}
}

func webhookOf(t config.Target) (bridge.Target, error) {
	roots, err := authorities(t.CAFile)
	if err != nil {
		return nil, fmt.Errorf("target %s: %w", t.Name, err)
	}
	return outbox.NewWebhook(outbox.WebhookOptions{Name: t.Name, URL: t.URL, Hosts: t.Hosts, Addresses: t.Prefixes(), Roots: roots, Embed: int64(t.Files),
		Timeout: time.Duration(t.Timeout), Secrets: func(context.Context) ([]string, error) { return webhookSecrets(t) }})
}

// webhookSecrets reads the keys each time, so that a changed one is taken up at the next delivery.
func webhookSecrets(t config.Target) ([]string, error) {
	now, err := readSecret(t.Secret, t.SecretEnv)
	if err != nil || t.OldSecret == "" {
		return []string{now}, err
	}
	before, err := readSecret(t.OldSecret, "")
	return []string{now, before}, err
}

// authorities reads the certificates to believe; nil for those of the system.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("ca_file %s holds no certificate in PEM form", file)
	}
	return pool, nil
}

// targetRules says which targets take the records of a receiving agency.
func (a *app) targetRules(receiver string) []bridge.TargetRule {
	var list []bridge.TargetRule
	for _, t := range a.config.Targets {
		if t.Takes(receiver) {
			list = append(list, ruleOf(t))
		}
	}
	return list
}

// deliverers makes a worker for each target.
func (a *app) deliverers(ctx context.Context) ([]*outbox.Deliverer, error) {
	list := make([]*outbox.Deliverer, 0, len(a.config.Targets))
	for _, t := range a.config.Targets {
		target, err := targetOf(a.config, t, func() *directory.Directory { return a.know.active().Directory })
		if err != nil {
			return nil, err
		}
		list = append(list, &outbox.Deliverer{Target: target, Queue: a.store, Archive: a.archive, Limits: a.config.Limits.Parser(), Spool: a.spool(),
			Owner: a.owner, Wake: a.store.Wake(ctx, store.Deliver), Log: a.log, Meter: a.metrics, Alarm: a.raise, Clear: a.clear,
			GiveUp: time.Duration(t.GiveUp)})
	}
	return list, nil
}

// spool is the folder for files that are too large for the memory while they are delivered.
func (a *app) spool() string { return filepath.Join(a.config.Data, "spool") }

// deliverDue hands over what is due now, to all targets at once: one that is away does not hold up the others.
func (a *app) deliverDue(ctx context.Context, deliverers []*outbox.Deliverer, d *drained) error {
	counts, failed := make([]outbox.Counts, len(deliverers)), make([]error, len(deliverers))
	var group errgroup.Group
	for i, r := range deliverers {
		group.Go(func() error {
			counts[i], failed[i] = r.Drain(ctx)
			return nil
		})
	}
	_ = group.Wait() // every failure stands in failed
	for i, n := range counts {
		d.Delivered += n.Sent
		d.DeliveriesDeferred += n.Later
		if failed[i] != nil {
			d.Errors = append(d.Errors, deliverers[i].Target.Name())
			failed[i] = fmt.Errorf("deliver to %s: %w", deliverers[i].Target.Name(), failed[i])
		}
	}
	return errors.Join(failed...)
}

// targets looks at every target, without delivering anything.
func (c *checking) targets(ctx context.Context, cfg config.Config) {
	for _, t := range cfg.Targets {
		name := "target " + t.Name
		target, err := targetOf(cfg, t, nil)
		if checker, can := target.(bridge.Checker); err == nil && can {
			ctx, cancel := context.WithTimeout(ctx, checkTimeout)
			err = checker.Check(ctx)
			cancel()
		}
		c.report(name, err)
	}
}
