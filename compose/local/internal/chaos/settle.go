package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"time"

	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/internal/scene"
)

// arrival is how long what was changed may take to arrive when nothing dies any more.
const arrival = 5 * time.Minute

// settle lets all live, and waits for the last change.
func (c *chaos) settle(ctx context.Context) error {
	began := time.Now()
	c.Say("all are let live; waiting for the last change")
	for _, m := range append([]*member{c.producer}, c.members[:leastMembers]...) {
		if err := m.wake(); err != nil {
			return err
		}
	}
	var end string
	err := c.postgres(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&end)
	})
	if err != nil {
		return err
	}
	if err := c.until(ctx, "the producer", func(ctx context.Context) (done bool, err error) { return c.published(ctx, end) }); err != nil {
		return err
	}
	err = c.until(ctx, "the consumers", func(ctx context.Context) (bool, error) {
		r, err := c.report(ctx)
		return err == nil && len(r.Partitions) == len(tables)*partitions && r.Behind() == 0, nil
	})
	c.Say("  that took %.0f s", time.Since(began).Seconds())
	return err
}

// streams tells whether a producer does: rows that change now are not in a snapshot.
func (c *chaos) streams(ctx context.Context) (active bool, err error) {
	err = c.postgres(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT coalesce(bool_and(active), false) FROM pg_replication_slots WHERE slot_name = 'eventsync'").Scan(&active)
	})
	return active, err
}

// published tells whether Kafka has all up to a place of the source's log.
func (c *chaos) published(ctx context.Context, end string) (done bool, err error) {
	err = c.postgres(ctx, func(conn *pgx.Conn) error {
		// An idle producer confirms the server's position only now and then; a change makes it do so at once.
		if _, err := conn.Exec(ctx, "SELECT pg_logical_emit_message(true, 'eventsync', '')"); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "SELECT confirmed_flush_lsn >= $1::pg_lsn FROM pg_replication_slots WHERE slot_name = 'eventsync'", end).Scan(&done)
	})
	return done, err
}

// report is what `consumer status` says.
func (c *chaos) report(ctx context.Context) (r scene.Report, err error) {
	out, err := exec.CommandContext(ctx, c.binaries.Consumer, "status", "--json", "--config", c.files().Config).Output()
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	return r, err
}

// until waits for a state while nothing may end by itself.
func (c *chaos) until(ctx context.Context, what string, reached func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, arrival, fmt.Errorf("gave up waiting for %s after %v; the logs are %s", what, arrival, c.path("*.log")))
	defer cancel()
	for {
		if ok, err := reached(ctx); err != nil || ok {
			return err
		}
		for _, m := range append([]*member{c.producer}, c.members...) {
			if err := m.died(); err != nil {
				return err
			}
		}
		if !sleep(ctx, 500*time.Millisecond) {
			return context.Cause(ctx)
		}
	}
}
