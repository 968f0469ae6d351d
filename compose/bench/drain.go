package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go"

	"eventsync/compose/local/process"
	"eventsync/compose/local/programs"
)

// onTable makes a target for one run, looks afterwards whether all rows are in it, and drops it.
func (b *bench) onTable(ctx context.Context, f full, table string, do func() (run, error)) (r run, err error) {
	click, err := ch.Dial(ctx, ch.Options{Address: b.stack.ClickHouse.Addr()})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, click.Close()) }()
	create, err := f.ddl(table)
	if err != nil {
		return r, err
	}
	if err := click.Do(ctx, ch.Query{Body: create}); err != nil {
		return r, err
	}
	if r, err = do(); err != nil {
		return r, err
	}
	if err := countRows(ctx, click, table, f.rows); err != nil {
		return r, err
	}
	return r, click.Do(ctx, ch.Query{Body: "DROP TABLE " + table + " SYNC"})
}

// tail is the share of a topic that is not measured: at its end a batch that is not full waits for more rows.
const tail = 10

// consume has the consumer sync the topic, and measures from its first fetch until it has committed nearly everything.
func (b *bench) consume(ctx context.Context, f full, fetches *fetchWatch, name string) (r run, err error) {
	port, err := process.FreePort()
	if err != nil {
		return r, err
	}
	c := configured{prefix: f.prefix, name: name, listen: fmt.Sprintf("127.0.0.1:%d", port)}
	config, err := b.writeConfig(c)
	if err != nil {
		return r, err
	}
	first := fetches.next()
	p, err := b.startConsumer(c, config)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, p.Stop(context.WithoutCancel(ctx))) }()
	ctx, cancel := whileRunning(ctx, p.Process, f.rows)
	defer cancel()

	var began time.Time
	select {
	case began = <-first:
	case <-ctx.Done():
		return r, context.Cause(ctx)
	}
	server, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return r, err
	}
	if err := b.steady(ctx, f, c, &r); err != nil {
		return r, err
	}
	rows, ended, err := awaitCommits(ctx, b.broker.Cluster(), name, f.topic(), int64(f.rows-f.rows/tail))
	if err != nil {
		return r, err
	}
	own, err := usageOf(p.Pid())
	if err != nil {
		return r, err
	}
	serverAfter, err := usageOf(b.stack.ClickHouse.Pid())
	if err != nil {
		return r, err
	}
	r.rows, r.took, r.cpu, r.server = int(rows), ended.Sub(began), own.cpu, serverAfter.cpu-server.cpu
	if _, _, err := awaitCommits(ctx, b.broker.Cluster(), name, f.topic(), int64(f.rows)); err != nil {
		return r, err
	}
	own, err = usageOf(p.Pid())
	r.peak = own.peak
	return r, err
}

func (b *bench) startConsumer(c configured, config string) (*programs.Program, error) {
	return programs.Run(b.binaries.Consumer, "consumer", config, b.dir+"/"+c.name+".log")
}
