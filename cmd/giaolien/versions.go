package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/giaolien/giaolien/bridge"
	"github.com/giaolien/giaolien/bridge/policy"
	"github.com/giaolien/giaolien/bridge/store"
	"github.com/giaolien/giaolien/mapping/directory"
)

// maxVersions is how many knowledges are kept in memory: neighbouring receipts were made with the same.
const maxVersions = 8

// versions makes the knowledge of stored outcomes again.
type versions struct {
	store            *store.Store
	rules, directory []byte // instead of the stored ones; nil: those
	parsed           map[bridge.Versions]*bridge.Knowledge
}

// knowledge gives what an outcome was made with, or says why it cannot be had.
func (v *versions) knowledge(ctx context.Context, named bridge.Versions) (k *bridge.Knowledge, gap string, err error) {
	if k, ok := v.parsed[named]; ok {
		return k, "", nil
	}
	if len(v.parsed) >= maxVersions {
		clear(v.parsed)
	}
	bodies := [3][]byte{v.rules, v.directory, nil}
	for i, sum := range []string{named.Rules, named.Directory, named.Settings} {
		if bodies[i] != nil {
			continue
		}
		bodies[i], err = v.store.Version(ctx, sum)
		if errors.Is(err, bridge.ErrNotFound) {
			return nil, gapVersion, nil
		}
		if err != nil {
			return nil, "", err
		}
		if got := sha256.Sum256(bodies[i]); hex.EncodeToString(got[:]) != sum {
			return nil, gapVersion, nil // what stands there is not what it was
		}
	}
	if k, err = v.read(named, bodies); err != nil {
		if v.rules != nil || v.directory != nil {
			return nil, "", err
		}
		return nil, gapUnreadable, nil
	}
	v.parsed[named] = k
	return k, "", nil
}

func (v *versions) read(named bridge.Versions, bodies [3][]byte) (*bridge.Knowledge, error) {
	rules, _, err := policy.ReadRules("rules "+short(named.Rules), bodies[0])
	if err != nil {
		return nil, err
	}
	dir, _, err := directory.Read("directory "+short(named.Directory), bodies[1])
	if err != nil {
		return nil, err
	}
	var s bridge.Settings
	if err := json.Unmarshal(bodies[2], &s); err != nil {
		return nil, fmt.Errorf("read stored settings %s: %w", short(named.Settings), err)
	}
	return bridge.NewKnowledge(rules, dir, s)
}
