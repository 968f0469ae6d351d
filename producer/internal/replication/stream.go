package replication

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

const (
	// flushTimeout bounds the wait, at a stop, for what was given to be acknowledged, and goodbyeTimeout the server's.
	flushTimeout   = 5 * time.Second
	goodbyeTimeout = 2 * time.Second
)

// stream is one connection's.
type stream struct {
	reader    *reader
	status    *status
	decoder   *decoder
	publisher Publisher
	log       *zap.Logger
}

// command is START_REPLICATION's. The server begins no earlier than where the slot is confirmed.
func command(slot string, from change.LSN, publications []string, binaryFormat bool) string {
	quoted := make([]string, len(publications))
	for i, p := range publications {
		quoted[i] = source.Quote(p)
	}
	options := "proto_version '1', publication_names " + source.QuoteLiteral(strings.Join(quoted, ","))
	if binaryFormat {
		options += ", binary 'true'"
	}
	return fmt.Sprintf("START_REPLICATION SLOT %s LOGICAL %v (%s)", source.Quote(slot), from, options)
}

// run streams until ctx or the connection ends. The end of ctx is no error.
func (s *stream) run(ctx context.Context) error {
	streaming, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stopRead := s.reader.interruptAt(streaming)
	defer stopRead()

	statuses, stopStatuses := context.WithCancel(context.WithoutCancel(ctx))
	defer stopStatuses()
	statusDone := make(chan struct{})
	go func() {
		defer close(statusDone)
		if err := s.status.run(statuses); err != nil {
			cancel(err)
		}
	}()

	// A failed Publish is a failure for ever: what ends the connection must not end it, and a stop leaves it some time.
	publishing, stopPublishing := lingering(ctx, flushTimeout)
	defer stopPublishing()

	err := s.receive(streaming, publishing)
	if ctx.Err() == nil {
		stopStatuses()
		_ = s.reader.conn.Close() // ends a status being written
		<-statusDone
		return err
	}
	err = s.stop(ctx)
	stopStatuses()
	<-statusDone
	if writeErr := s.status.write(false); writeErr != nil {
		s.log.Warn("the last status was not written: some changes will come again", zap.Error(writeErr))
	}
	s.reader.goodbye(goodbyeTimeout)
	return err
}

// stop waits, for a bounded time, until what was given is acknowledged.
func (s *stream) stop(ctx context.Context) error {
	flushing, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	if err := s.publisher.Flush(flushing); err != nil {
		return &source.PublishError{Err: fmt.Errorf("flush at the stop: %w", err)}
	}
	return nil
}

// receive reads, decodes and publishes, a buffer's worth at a time.
func (s *stream) receive(ctx, publishing context.Context) error {
	for {
		s.decoder.reset()
		if err := s.decode(ctx); err != nil {
			return err
		}
		if err := s.publish(ctx, publishing); err != nil {
			return err
		}
		if err := s.reader.fill(ctx); err != nil {
			return err
		}
	}
}

// decode decodes all messages that are there.
func (s *stream) decode(ctx context.Context) error {
	for {
		kind, body, ok := s.reader.next()
		if !ok {
			return nil
		}
		switch kind {
		case 'd':
			if err := s.data(ctx, body); err != nil {
				return err
			}
		case 'E':
			return serverError(body)
		case 'N', 'S', 'A': // a notice, a changed setting, a notification
		default: // CopyDone, or what follows it
			return errEnded
		}
	}
}

// data reads the stream's own messages.
func (s *stream) data(ctx context.Context, b []byte) error {
	const xlogHeader, keepalive = 1 + 3*8, 1 + 2*8 + 1
	switch {
	case len(b) >= xlogHeader && b[0] == 'w':
		row := change.LSN(binary.BigEndian.Uint64(b[1:]))
		if err := s.decoder.message(ctx, row, b[xlogHeader:]); err != nil {
			return fmt.Errorf("at %v: %w", row, err)
		}
	case len(b) >= keepalive && b[0] == 'k':
		// Between transactions all that was committed before this place has been sent.
		if end := change.LSN(binary.BigEndian.Uint64(b[1:])); !s.decoder.inTransaction {
			s.decoder.end = max(s.decoder.end, end)
		}
		if b[keepalive-1] != 0 {
			s.status.ask()
		}
	default:
		return errors.New("a message of the stream that is not known")
	}
	return nil
}

// publish gives the batch away.
func (s *stream) publish(ctx, publishing context.Context) error {
	for {
		changes, err := s.decoder.next(ctx)
		if err != nil {
			return err
		}
		if len(changes) == 0 {
			break
		}
		if err := s.publisher.Publish(publishing, changes); err != nil {
			return &source.PublishError{Err: err}
		}
	}
	if s.decoder.end > 0 {
		s.publisher.Commit(s.decoder.end)
	}
	return nil
}

// lingering gives a context that ends some time after ctx.
func lingering(ctx context.Context, after time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}
