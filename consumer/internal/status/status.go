// Package status says how far the group has come: for each partition its watermark, the topic's end and the sync lag.
// It reads only what everybody can read, the committed offsets and the topics, so it needs no consumer to be running
// and is right about one that hangs.
package status

import (
	"context"
	"errors"
	"fmt"
	"time"

	"eventsync/pkg/kafkaclient"
)

// Partition is the state of one topic partition.
type Partition struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	// Watermark is the committed offset: every change before it is in the target. The topic's first offset where the
	// group has committed none.
	Watermark int64 `json:"watermark"`
	Committed bool  `json:"committed"`
	// Complete is the offset before which everything is in the target, what the flag withholds included.
	Complete int64 `json:"complete_watermark"`
	// End is the offset of the next message to be written.
	End int64 `json:"end"`
	// Messages is how many offsets lie between the two.
	Messages int64 `json:"lag_messages"`
	// Lag is the age of the oldest change that is not in the target yet, in seconds; 0 when all are.
	Lag float64 `json:"sync_lag_seconds"`
	// Announced is what was about to be done when the watermark was committed: a batch, mostly. What was announced long
	// ago, and is not done, hangs, or waits for a consumer.
	Announced *Announced `json:"announced,omitempty"`
	// Problem says why the watermark's metadata, or the oldest change, cannot be read, which stops the partition, or makes
	// it a dead letter; Lag is then the age of the change's record.
	Problem string `json:"problem,omitempty"`
}

// Announced is what a consumer was about to do with the messages from the watermark to End.
type Announced struct {
	Kind  string    `json:"kind"`
	End   int64     `json:"end_offset"`
	Since time.Time `json:"since"`
}

// Flag is what the flag says now, here.
type Flag struct {
	Key    string `json:"key"`
	Pass   bool   `json:"pass"`
	Reason string `json:"reason,omitempty"`
	Error  string `json:"error,omitempty"`
}

// Report is the state of all partitions at one time.
type Report struct {
	Time       time.Time   `json:"time"`
	Group      string      `json:"group"`
	Flag       *Flag       `json:"flag,omitempty"`
	Partitions []Partition `json:"partitions"`
}

// Peek reads the record at an offset, or the first after it; it reports false where there is none before end.
type Peek func(ctx context.Context, topic string, partition int, offset, end int64) (kafkaclient.Record, bool, error)

// Announcement reads the metadata of a committed offset; it is nil where nothing is announced.
type Announcement func(metadata string) (*Announced, error)

// Status asks the brokers.
type Status struct {
	client    *kafkaclient.Client
	group     string
	topics    []string
	peek      Peek
	announced Announcement
}

// New makes a Status of the group over the topics.
func New(client *kafkaclient.Client, group string, topics []string, peek Peek, announced Announcement) *Status {
	return &Status{client: client, group: group, topics: topics, peek: peek, announced: announced}
}

// Report asks for the present state. A topic that does not exist yet has no partitions.
func (s *Status) Report(ctx context.Context) (*Report, error) {
	r := &Report{Time: time.Now(), Group: s.group}
	for _, topic := range s.topics {
		n, err := s.client.Partitions(ctx, topic)
		if errors.Is(err, kafkaclient.ErrNoTopic) {
			continue
		}
		if err != nil {
			return nil, err
		}
		committed, err := s.client.Committed(ctx, s.group, topic, n)
		if err != nil {
			return nil, err
		}
		for i, c := range committed {
			p, err := s.partition(ctx, topic, i, c, r.Time)
			if err != nil {
				return nil, fmt.Errorf("topic %s, partition %d: %w", topic, i, err)
			}
			r.Partitions = append(r.Partitions, p)
		}
	}
	return r, nil
}

func (s *Status) partition(ctx context.Context, topic string, partition int, committed kafkaclient.Commit, now time.Time) (Partition, error) {
	log, err := s.client.Offsets(ctx, topic, partition)
	if err != nil {
		return Partition{}, err
	}
	p := Partition{Topic: topic, Partition: partition, Watermark: committed.Offset, Committed: committed.Offset >= 0, End: log.Last}
	if !p.Committed {
		p.Watermark = log.First
	} else if p.Announced, err = s.announced(committed.Metadata); err != nil {
		p.Problem = err.Error()
	}
	p.Complete = p.Watermark
	p.Messages = max(0, p.End-p.Watermark)
	if p.Messages == 0 {
		return p, nil
	}
	record, ok, err := s.peek(ctx, topic, partition, p.Watermark, p.End)
	if err != nil || !ok {
		return p, err
	}
	since, err := CommittedAt(&record)
	if err != nil && p.Problem == "" {
		p.Problem = fmt.Sprintf("offset %d: %v", record.Offset, err)
	}
	p.Lag = max(0, now.Sub(since).Seconds())
	return p, nil
}
