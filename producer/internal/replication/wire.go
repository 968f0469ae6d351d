package replication

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"eventsync/pkg/config"
	"eventsync/producer/internal/source"
)

// connectReplication opens a connection for replication commands.
func connectReplication(ctx context.Context, dsn config.Secret) (*pgconn.PgConn, error) {
	cfg, err := source.ParseReplication(dsn)
	if err != nil {
		return nil, err
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, source.ConnectError(fmt.Errorf("connect to PostgreSQL for replication: %w", err))
	}
	return conn, nil
}

// startStream takes an idle connection over and has it stream. From here on its bytes are read here: a message of the
// stream is one of the protocol's, and going through the client library would cost more than everything else.
func startStream(ctx context.Context, conn *pgconn.PgConn, command string) (*reader, error) {
	if err := conn.SyncConn(ctx); err != nil {
		return nil, fmt.Errorf("take the connection over: %w", err)
	}
	hijacked, err := conn.Hijack()
	if err != nil {
		return nil, fmt.Errorf("take the connection over: %w", err)
	}
	r := newReader(hijacked.Conn)
	stop := r.interruptAt(ctx)
	defer stop()
	if err := r.start(ctx, command); err != nil {
		_ = r.conn.Close() // the error is what counts
		return nil, err
	}
	return r, nil
}

// interruptAt ends a read when ctx does. It is over when stop is called.
func (r *reader) interruptAt(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() {
		_ = r.conn.SetReadDeadline(time.Unix(1, 0)) // fails on a closed connection only
	})
}

var errEnded = errors.New("the server ended the stream")

// start sends the command and waits until the stream begins.
func (r *reader) start(ctx context.Context, command string) error {
	b, err := (&pgproto3.Query{String: command}).Encode(nil)
	if err != nil {
		return fmt.Errorf("encode %s: %w", command, err)
	}
	if _, err := r.conn.Write(b); err != nil {
		return fmt.Errorf("send START_REPLICATION: %w", err)
	}
	for {
		kind, body, ok := r.next()
		switch {
		case !ok:
			if err := r.fill(ctx); err != nil {
				return err
			}
		case kind == 'W': // CopyBothResponse
			return nil
		case kind == 'E':
			return serverError(body)
		case kind == 'Z':
			return errEnded
		}
	}
}

// serverError reads an ErrorResponse.
func serverError(body []byte) error {
	var m pgproto3.ErrorResponse
	if err := m.Decode(body); err != nil {
		return fmt.Errorf("an error from the server that cannot be read: %w", err)
	}
	return pgconn.ErrorResponseToPgError(&m)
}

// goodbye ends a stream whose last status was written: it lets the server end it too, for a bounded time, and closes.
func (r *reader) goodbye(within time.Duration) {
	defer r.conn.Close() //nolint:errcheck // nothing is left to be lost
	_ = r.conn.SetDeadline(time.Now().Add(within))
	copyDone := []byte{'c', 0, 0, 0, 4}
	if _, err := r.conn.Write(copyDone); err != nil {
		return
	}
	// Closing with unread bytes would reset the connection, and with it what the server has not read.
	for {
		kind, _, ok := r.next()
		if ok && (kind == 'c' || kind == 'E') {
			break
		}
		if !ok {
			r.compact()
			n, err := r.conn.Read(r.buf[r.end:])
			if err != nil {
				return
			}
			r.end += n
		}
	}
	terminate := binary.BigEndian.AppendUint32([]byte{'X'}, 4)
	_, _ = r.conn.Write(terminate) // a courtesy
}
