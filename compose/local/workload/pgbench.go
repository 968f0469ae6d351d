package workload

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"eventsync/compose/local/postgres"
	"eventsync/compose/local/process"
)

const (
	// deleteScript deletes accounts and makes some of them anew, unless another client was faster.
	deleteScript = `\set aid random(1, 100000 * :scale)
\set bid random(1, :scale)
BEGIN;
DELETE FROM pgbench_accounts WHERE aid = :aid;
INSERT INTO pgbench_accounts (aid, bid, abalance, filler) SELECT :aid, :bid, 0, 'made anew' WHERE :aid % 3 = 0 ON CONFLICT DO NOTHING;
END;
`
	// upsertScript brings accounts back, and changes those that are there.
	upsertScript = `\set aid random(1, 100000 * :scale)
\set bid random(1, :scale)
INSERT INTO pgbench_accounts (aid, bid, abalance, filler) VALUES (:aid, :bid, 0, 'upserted')
	ON CONFLICT (aid) DO UPDATE SET abalance = pgbench_accounts.abalance + 1, filler = excluded.filler;
`
)

// Pgbench runs pgbench, a client that nobody here wrote, against a server.
type Pgbench struct {
	Server *postgres.Server
	Dir    string // for its scripts
}

// clients are several, and share no transaction. Without --no-vacuum pgbench would truncate pgbench_history first.
var clients = []string{"--no-vacuum", "--client", "4", "--jobs", "2"}

// Available reports whether pgbench is there: a PostgreSQL that was fetched comes without.
func (p Pgbench) Available() bool {
	_, err := p.Server.Bin("pgbench")
	return err == nil
}

// Init makes and fills pgbench's four tables: 100,000 accounts a scale.
func (p Pgbench) Init(ctx context.Context, scale int) error {
	_, err := p.run(ctx, "--initialize", "--quiet", "--scale", strconv.Itoa(scale))
	return err
}

// TPCB runs pgbench's own transaction, by several clients.
func (p Pgbench) TPCB(ctx context.Context, transactions int) error {
	_, err := p.run(ctx, append(slices.Clip(clients), "--builtin", "tpcb-like", "--transactions", strconv.Itoa(transactions))...)
	return err
}

// Delete runs a script that deletes accounts, and makes a third of them anew.
func (p Pgbench) Delete(ctx context.Context, transactions int) error {
	script, err := p.script("delete", deleteScript)
	if err != nil {
		return err
	}
	_, err = p.run(ctx, append(slices.Clip(clients), "--file", script, "--transactions", strconv.Itoa(transactions))...)
	return err
}

// Mixed runs pgbench's own transaction, deletes and upserts by prepared statements, as fast as it can for the time, and
// gives pgbench's report.
func (p Pgbench) Mixed(ctx context.Context, d time.Duration) (report string, err error) {
	deleting, err := p.script("delete", deleteScript)
	if err != nil {
		return "", err
	}
	upserting, err := p.script("upsert", upsertScript)
	if err != nil {
		return "", err
	}
	return p.run(ctx, append(slices.Clip(clients), "--protocol", "prepared", "--time", strconv.Itoa(int(d.Seconds())),
		"--builtin", "tpcb-like@8", "--file", deleting+"@1", "--file", upserting+"@2")...)
}

func (p Pgbench) script(name, text string) (string, error) {
	file := filepath.Join(p.Dir, name+".sql")
	return file, os.WriteFile(file, []byte(text), 0o644) //nolint:gosec // G306: nothing in it is secret
}

func (p Pgbench) run(ctx context.Context, args ...string) (string, error) {
	bin, err := p.Server.Bin("pgbench")
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := process.Run(ctx, process.Config{Path: bin, Args: append(args[:len(args):len(args)], p.Server.DSN()), Stdout: &out}); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out.Bytes())
	}
	return out.String(), nil
}
