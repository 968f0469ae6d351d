package replication

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eventsync/producer/internal/source"
)

// lease makes this producer the only one on the slot, from before its snapshot on. The slot itself keeps two from
// streaming.
//
// It is a lock held by a session, which must be heard of: the server ends it, and with it the lock, when this producer
// says nothing for as long as a walsender may be silent. One that is frozen, or behind a dead connection, must not keep
// others from taking over.
type lease struct {
	session *source.Session
	slot    string
	silence time.Duration // what the server bears
}

// silenceSQL has the session end after wal_sender_timeout, or a minute where that is off.
const silenceSQL = `
SELECT setting::int8, set_config('idle_session_timeout', setting, false) FROM (
	SELECT greatest(CASE s.setting WHEN '0' THEN 60000 ELSE s.setting::int8 END, 1000)::text AS setting
	FROM pg_settings s WHERE s.name = 'wal_sender_timeout') t`

// take takes the lease, or takes it again, which is no harm.
func (l *lease) take(ctx context.Context) error {
	conn, err := l.session.Conn(ctx)
	if err != nil {
		return err
	}
	var milliseconds int64
	var mine bool
	err = conn.QueryRow(ctx, silenceSQL).Scan(&milliseconds, nil)
	if err == nil {
		err = conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", "eventsync slot "+l.slot).Scan(&mine)
	}
	if err != nil {
		return fmt.Errorf("take the lease of slot %s: %w", l.slot, err)
	}
	if !mine {
		return fmt.Errorf("%w %s", ErrSlotBusy, l.slot)
	}
	l.silence = time.Duration(milliseconds) * time.Millisecond
	return nil
}

// keep is heard of until ctx ends, or another producer has the lease. What else goes wrong, the stream will say.
func (l *lease) keep(ctx context.Context) error {
	const often = 4
	for {
		sleep(ctx, l.silence/often)
		if ctx.Err() != nil {
			return nil
		}
		trying, cancel := context.WithTimeout(ctx, l.silence)
		err := l.take(trying)
		cancel()
		if errors.Is(err, ErrSlotBusy) {
			return err
		}
	}
}
