package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/compose/local/programs"
)

var takeoverMetric = metric{"consumer_takeover_beyond_session", "s", run.beyondSeconds}

const (
	takeoverPartitions = 4
	// takeoverSession is the least that brokers allow by default.
	takeoverSession = 6 * time.Second
	takeoverMembers = 2
)

// takeover measures how much longer than the session timeout it takes, after one of two members was killed while
// changes come in, until the watermarks of all of its partitions move again.
func (b *bench) takeover(ctx context.Context) (map[string]figure, error) {
	runs, err := b.turns(ctx, b.runs, nothing, side{"takeover", b.killed})
	if err != nil {
		return nil, err
	}
	return map[string]figure{takeoverMetric.name: limited(takeoverMetric, limitOf(takeoverMetric.name), runs[0])}, nil
}

func (b *bench) killed(ctx context.Context, i int) (r run, err error) {
	name := fmt.Sprintf("takeover_%d", i)
	f := full{prefix: name, rows: takeoverPartitions, partitions: takeoverPartitions, shape: eventsShape}
	c := configured{prefix: name, name: name, session: takeoverSession}
	click, err := ch.Dial(ctx, ch.Options{Address: b.stack.ClickHouse.Addr()})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, click.Close()) }()
	create, err := f.ddl(name)
	if err != nil {
		return r, err
	}
	if err := click.Do(ctx, ch.Query{Body: create}); err != nil {
		return r, err
	}
	config, err := b.writeConfig(c)
	if err != nil {
		return r, err
	}
	if err := fillTopic(ctx, b.broker.Addr(), f); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, b.forget(c)) }()

	var members [takeoverMembers]*programs.Program
	for i := range members {
		if members[i], err = b.startConsumer(c, config); err != nil {
			return r, err
		}
		defer func() {
			if members[i] != nil {
				err = errors.Join(err, members[i].Stop(context.WithoutCancel(ctx)))
			}
		}()
	}
	ctx, cancel := whileRunning(ctx, members[1].Process, 0)
	defer cancel()
	changes := keepFilling(ctx, b.broker.Addr(), f)
	defer func() { err = errors.Join(err, changes.stop()) }()

	cluster := b.broker.Cluster()
	before, err := cluster.WaitGroupInfo(ctx, name, func(g *kfake.GroupInfo) bool { return shared(g, f.topic()) })
	if err != nil {
		return r, errors.Join(context.Cause(ctx), err)
	}
	victim := members[0]
	members[0] = nil
	killed := time.Now()
	if err := victim.Kill(); err != nil {
		return r, err
	}
	// The generation after the victim's is formed without it; then whatever moves is moved by the other.
	next, err := cluster.WaitGroupInfo(ctx, name, func(g *kfake.GroupInfo) bool {
		return g.Epoch > before.Epoch && g.State == stable && len(g.Members) == 1
	})
	if err != nil {
		return r, errors.Join(context.Cause(ctx), err)
	}
	_, err = cluster.WaitGroupInfo(ctx, name, func(g *kfake.GroupInfo) bool { return beyond(g, next, f.topic()) })
	if err != nil {
		return r, errors.Join(context.Cause(ctx), err)
	}
	took := time.Since(killed)
	return run{took: took, beyond: took - takeoverSession}, click.Do(ctx, ch.Query{Body: "DROP TABLE " + name + " SYNC"})
}

const stable = "Stable"

// shared reports whether all members have partitions, and each partition is in sync up to some record beyond the first.
func shared(g *kfake.GroupInfo, topic string) bool {
	if g == nil || g.State != stable || len(g.Members) != takeoverMembers {
		return false
	}
	for i := range g.Members {
		if len(g.Members[i].Assignment[topic]) != takeoverPartitions/takeoverMembers {
			return false
		}
	}
	for p := range int32(takeoverPartitions) {
		if g.Commits[topic][p].Offset <= 1 {
			return false
		}
	}
	return true
}

// beyond reports whether all partitions have moved since.
func beyond(g, since *kfake.GroupInfo, topic string) bool {
	for p := range int32(takeoverPartitions) {
		if g.Commits[topic][p].Offset <= since.Commits[topic][p].Offset {
			return false
		}
	}
	return true
}
