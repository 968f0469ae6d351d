package replication

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
)

// Drop takes away what replication has left at the source: the slot, the publications and what is remembered. It says
// what it has done, or, unless really, what it would do. A producer that runs is not disturbed: then Drop refuses.
func Drop(ctx context.Context, cfg Config, really bool, log *zap.Logger) ([]string, error) {
	r, err := New(cfg, nil, nil, log)
	if err != nil {
		return nil, err
	}
	defer r.close()
	conn, err := r.control.Conn(ctx)
	if err != nil {
		return nil, err
	}
	d := &dropper{r: r, conn: conn, really: really}
	for _, step := range []func(context.Context) error{d.lease, d.slot, d.publications, d.memory} {
		if err := step(ctx); err != nil {
			return d.did, err
		}
	}
	return d.did, nil
}

// dropper drops, and notes what it did.
type dropper struct {
	r      *Replicator
	conn   *pgx.Conn
	really bool
	did    []string
}

// exec runs a statement that the role may not be allowed.
func (d *dropper) exec(ctx context.Context, what, sql string) error {
	if d.really {
		if _, err := d.conn.Exec(ctx, sql); source.SQLState(err) == source.InsufficientPrivilege {
			return &source.Refusal{Problem: fmt.Sprintf("the role may not drop %s", what), Fix: "run as its owner: " + sql, Err: err}
		} else if err != nil {
			return fmt.Errorf("drop %s: %w", what, err)
		}
	}
	d.did = append(d.did, what)
	return nil
}

// leaseWait is how long a producer that was just stopped is waited for: the server takes a moment to see that its
// connection has ended.
const leaseWait = 3 * time.Second

// lease keeps a producer from starting meanwhile.
func (d *dropper) lease(ctx context.Context) error {
	err := d.r.lease.take(ctx)
	for until := time.Now().Add(leaseWait); errors.Is(err, ErrSlotBusy) && ctx.Err() == nil && time.Now().Before(until); {
		sleep(ctx, leaseWait/30)
		err = d.r.lease.take(ctx)
	}
	if errors.Is(err, ErrSlotBusy) {
		return &source.Refusal{
			Problem: fmt.Sprintf("a producer is running on the slot %s", d.r.cfg.Slot),
			Fix:     "stop it, then drop again",
		}
	}
	return err
}

const ownSlotSQL = `
SELECT slot_type = 'logical' AND coalesce(plugin = 'pgoutput' AND database = current_database(), false), coalesce(active_pid, 0)
FROM pg_replication_slots WHERE slot_name = $1`

func (d *dropper) slot(ctx context.Context) error {
	name := d.r.cfg.Slot
	var ours bool
	var pid int
	err := d.conn.QueryRow(ctx, ownSlotSQL, name).Scan(&ours, &pid)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for the slot %s: %w", name, err)
	case !ours:
		return &source.Refusal{
			Problem: fmt.Sprintf("the slot %s is somebody else's, or of another database", name),
			Fix:     "correct producer.slot or postgres.dsn",
		}
	case pid != 0:
		return &source.Refusal{
			Problem: fmt.Sprintf("the slot %s is being streamed from by server process %d", name, pid),
			Fix:     "stop the producer, then drop again",
		}
	}
	return d.exec(ctx, "the slot "+name, "SELECT pg_drop_replication_slot("+source.QuoteLiteral(name)+")")
}

func (d *dropper) publications(ctx context.Context) error {
	keyed, appended := d.r.publications(&tables{})
	for _, p := range []*publication{keyed, appended} {
		var exists bool
		if err := d.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1)", p.name).Scan(&exists); err != nil {
			return fmt.Errorf("look for the publication %s: %w", p.name, err)
		}
		if !exists {
			continue
		}
		if err := d.exec(ctx, "the publication "+p.name, "DROP PUBLICATION "+source.Quote(p.name)); err != nil {
			return err
		}
	}
	return nil
}

// memory forgets the slot, and with the last one of them the schema.
func (d *dropper) memory(ctx context.Context) error {
	const schema = "what the schema eventsync remembers of the slot"
	var before, after bool
	const exists = "SELECT to_regnamespace('eventsync') IS NOT NULL"
	if err := d.conn.QueryRow(ctx, exists).Scan(&before); err != nil {
		return fmt.Errorf("look for the schema eventsync: %w", err)
	}
	if !before {
		return nil
	}
	if !d.really {
		d.did = append(d.did, schema)
		return nil
	}
	if err := d.r.state.Drop(ctx); source.SQLState(err) == source.InsufficientPrivilege {
		return &source.Refusal{Problem: "the role may not drop the schema eventsync", Fix: "run as its owner: DROP SCHEMA eventsync CASCADE", Err: err}
	} else if err != nil {
		return err
	}
	if err := d.conn.QueryRow(ctx, exists).Scan(&after); err != nil {
		return fmt.Errorf("look for the schema eventsync: %w", err)
	}
	if after {
		d.did = append(d.did, schema+" (other slots have something in it)")
	} else {
		d.did = append(d.did, "the schema eventsync")
	}
	return nil
}
