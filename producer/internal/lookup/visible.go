package lookup

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"eventsync/pkg/backoff"
)

const (
	// visibleTimeout bounds the wait for a commit to be visible: one that waits for a synchronous standby may be so for
	// ever, and so may one whose synchronous standby is this very stream.
	visibleTimeout = time.Second
	firstLook      = time.Millisecond
	lastLook       = 50 * time.Millisecond
	// maxUnseen bounds how many transactions are remembered.
	maxUnseen = 10_000
)

// await remembers a transaction whose changes have evicted answers.
func (l *Lookup) await(transaction uint32) {
	if n := len(l.unseen); transaction != 0 && (n == 0 || l.unseen[n-1] != transaction) {
		l.unseen = append(l.unseen, transaction)
	}
}

// see waits until those who ask see what the transactions did. A commit is streamed when it is in the log, and visible to
// others only after that: a moment later, or when a synchronous standby has it. Answers asked in between would be those
// from before the change that evicted them, and be remembered. It reports whether all is visible.
func (l *Lookup) see(ctx context.Context) (bool, error) {
	deadline := time.Now().Add(visibleTimeout)
	for retry := backoff.New(firstLook, lastLook); len(l.unseen) > 0; {
		conn, err := l.session.Conn(ctx)
		if err != nil {
			return false, err
		}
		var text string
		if err := conn.QueryRow(ctx, "SELECT pg_current_snapshot()::text").Scan(&text); err != nil {
			return false, fmt.Errorf("look which transactions are visible: %w", err)
		}
		now, err := parseSnapshot(text)
		if err != nil {
			return false, err
		}
		l.unseen = now.running(l.unseen)
		if len(l.unseen) == 0 {
			break
		}
		if time.Now().After(deadline) {
			l.log.Warn("a commit that was streamed is not visible yet, as when it waits for a synchronous standby: values joined in now may be older",
				zap.Uint32("transaction", l.unseen[0]), zap.Duration("waited", visibleTimeout))
			l.unseen = l.unseen[:0]
			return false, nil
		}
		if err := retry.Wait(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

// snapshot is what a statement sees: transactions before max, but those that run. Only the lower half of the numbers is
// kept, which is all that the stream tells.
type snapshot struct {
	max  uint32
	runs map[uint32]bool
}

// parseSnapshot reads "xmin:xmax:xip,xip".
func parseSnapshot(text string) (snapshot, error) {
	s := snapshot{runs: map[uint32]bool{}}
	fields := strings.Split(text, ":")
	if len(fields) != 3 {
		return s, fmt.Errorf("the snapshot %q has not three parts", text)
	}
	numbers := []string{fields[1]}
	if fields[2] != "" {
		numbers = append(numbers, strings.Split(fields[2], ",")...)
	}
	for i, number := range numbers {
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return s, fmt.Errorf("the snapshot %q: %w", text, err)
		}
		if i == 0 {
			s.max = uint32(n) //nolint:gosec // G115: its lower half
		} else {
			s.runs[uint32(n)] = true //nolint:gosec // G115: its lower half
		}
	}
	return s, nil
}

// running keeps those of the transactions that the snapshot does not see.
func (s *snapshot) running(of []uint32) []uint32 {
	kept := of[:0]
	for _, x := range of {
		if int32(x-s.max) >= 0 || s.runs[x] { //nolint:gosec // G115: numbers wrap around
			kept = append(kept, x)
		}
	}
	return kept
}
