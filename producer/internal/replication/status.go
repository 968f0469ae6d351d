package replication

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"eventsync/pkg/change"
)

const (
	statusEvery  = time.Second // at most, and often enough for the server's wal_sender_timeout
	writeTimeout = 10 * time.Second

	// A connection may be gone without a word. After askAfter of silence the server is asked for an answer, after
	// silenceLimit it is given up.
	askAfter     = 10 * time.Second
	silenceLimit = 60 * time.Second
)

var errSilence = errors.New("the server has not said anything for a minute")

// status tells the server how far changes are safe, from a goroutine of its own: also while a batch waits to be
// published, and all through a transaction that takes longer than the server's patience.
type status struct {
	conn      net.Conn
	confirmed func() change.LSN
	silent    func() time.Duration // how long the server has owed us something
	every     time.Duration
	asked     chan struct{} // holds one: the server wants a status at once
}

// statusInterval is how often a server with this wal_sender_timeout wants to hear from us; 0 is no timeout.
func statusInterval(timeout time.Duration) time.Duration {
	if timeout == 0 {
		return statusEvery
	}
	return max(min(statusEvery, timeout/4), time.Millisecond)
}

// ask has a status written at once.
func (s *status) ask() {
	select {
	case s.asked <- struct{}{}:
	default:
	}
}

// run writes statuses until ctx ends.
func (s *status) run(ctx context.Context) error {
	ticker := time.NewTicker(s.every)
	defer ticker.Stop()
	for {
		silent := s.silent()
		if silent > silenceLimit {
			return errSilence
		}
		if err := s.write(silent > askAfter); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		case <-s.asked:
		}
	}
}

// write writes one status; nobody else may write meanwhile.
func (s *status) write(answer bool) error {
	const size = 4 + 1 + 4*8 + 1
	b := make([]byte, 0, 1+size)
	b = append(b, 'd')
	b = binary.BigEndian.AppendUint32(b, size)
	b = append(b, 'r')
	confirmed := uint64(s.confirmed())
	for range 3 { // written, flushed, applied: to us one and the same
		b = binary.BigEndian.AppendUint64(b, confirmed)
	}
	b = binary.BigEndian.AppendUint64(b, serverMicros(time.Now()))
	if answer {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("confirm %v: %w", change.LSN(confirmed), err)
	}
	if _, err := s.conn.Write(b); err != nil {
		return fmt.Errorf("confirm %v: %w", change.LSN(confirmed), err)
	}
	return nil
}

// serverMicros is the server's clock: microseconds since 2000.
func serverMicros(t time.Time) uint64 {
	return uint64(t.UnixMicro() - unixMicros(0)) //nolint:gosec // G115: after 2000
}
