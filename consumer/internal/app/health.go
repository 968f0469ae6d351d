package app

import (
	"errors"
	"fmt"
	"time"

	"eventsync/consumer/internal/gate"
	"eventsync/consumer/internal/group"
)

// patience is how long nothing may move while there is work.
const patience = 30 * time.Second

var (
	errStarting = errors.New("starting: ClickHouse has not answered yet")
	errNoGroup  = errors.New("not in the group yet")
)

// view is how the parts stand at one time.
type view struct {
	now                         time.Time
	started                     bool // ClickHouse has answered, and the group is being joined
	kafkaErr, clickHouseErr     error
	kafkaSince, clickHouseSince time.Time // since when there is the error
	topics                      bool      // some topic exists
	member                      group.Membership
	verdict                     gate.Verdict
	stopped                     []group.Stopped
	partitions                  []standing
}

// problem is why there is no progress; nil where there is, or where none is to be made: a partition that the flag holds
// back is ready to go on, and so is a member without partitions.
func (v *view) problem(patience time.Duration) error {
	lasts := func(since time.Time) time.Duration { return v.now.Sub(since).Round(time.Second) }
	late := func(since time.Time) bool { return v.now.Sub(since) > patience }
	switch {
	case !v.started && v.clickHouseErr != nil:
		return fmt.Errorf("starting: ClickHouse has not answered yet: %w", v.clickHouseErr)
	case !v.started:
		return errStarting
	case len(v.stopped) > 0:
		s := v.stopped[0]
		return fmt.Errorf("%d of %d partitions have stopped: topic %s, partition %d: %w", len(v.stopped), v.member.Partitions, s.Topic, s.ID, s.Err)
	case v.kafkaErr != nil && late(v.kafkaSince):
		return fmt.Errorf("Kafka has not answered for %v, so that nobody knows what waits: %w", lasts(v.kafkaSince), v.kafkaErr) //nolint:staticcheck // ST1005: Kafka is a name
	case v.topics && v.member.Member == "" && late(v.member.Since):
		return fmt.Errorf("not in the group for %v; the log says why", lasts(v.member.Since))
	case v.topics && v.member.Joined == 0:
		return errNoGroup
	case !v.verdict.Known:
		return fmt.Errorf("the flag could not be evaluated yet, so that nothing passes: %w", v.verdict.Err)
	}
	return v.stalled(late, lasts)
}

// stalled is why a partition does not move though something waits in it.
func (v *view) stalled(late func(time.Time) bool, lasts func(time.Time) time.Duration) error {
	for i := range v.partitions {
		s := &v.partitions[i]
		waiting := s.waiting()
		if waiting.IsZero() || s.progress.Held {
			continue
		}
		if v.clickHouseErr != nil && late(v.clickHouseSince) {
			return fmt.Errorf("ClickHouse has not answered for %v, and changes wait: %w", lasts(v.clickHouseSince), v.clickHouseErr)
		}
		if !late(s.outlook.moved) {
			continue
		}
		err := fmt.Errorf("topic %s, partition %d has stood at offset %d for %v, and a change that was committed %v ago waits",
			s.Topic, s.ID, s.progress.Committed, lasts(s.outlook.moved), lasts(waiting))
		if s.progress.Failure != nil {
			err = fmt.Errorf("%w: %w", err, s.progress.Failure)
		}
		return err
	}
	return nil
}
