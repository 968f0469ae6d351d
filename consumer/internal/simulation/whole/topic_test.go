package whole

import (
	"context"
	"fmt"
	"sync"
	"time"

	"eventsync/consumer/internal/simulation/stage"
	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
)

const (
	topic      = "cdc.public.t"
	partitions = 3
)

var relation = &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{
	{Name: "id", Type: change.TypeInt64, Key: true},
	{Name: "part", Type: change.TypeInt64},
	{Name: "note", Type: change.TypeText},
}}

// kind is what is the matter with a message.
type kind int

const (
	good    kind = iota
	refused      // by the server
	poison       // which nobody can read
	empties      // a truncate
)

// message is one that was published, or several equal ones: repeats.
type message struct {
	kind kind
	row  standin.Row
}

// source is the table at its source, and the producers that publish its changes, one after the other.
type source struct {
	w      *world
	dice   *stage.Dice
	client *kafkaclient.Client

	changes []message       // by position; the first is at 1
	keys    [partitions]int // the greatest row of each partition

	mu      sync.Mutex
	refused map[standin.Row]bool
	logs    [partitions][]message // as they are in the topic
}

// commit makes up the next change.
func (s *source) commit() {
	n := len(s.changes) + 1
	p := n % partitions
	m := message{row: standin.Row{Version: change.Version(n)}}
	switch s.dice.Intn(30) {
	case 0:
		if s.w.can.truncate {
			m.kind = empties
		}
	case 1:
		if s.w.can.letters {
			m.kind = refused
		}
	}
	if m.kind != empties {
		if s.keys[p] == 0 || m.kind == refused || s.dice.Intn(3) > 0 {
			s.keys[p]++
			m.row.ID = int64(s.keys[p]*partitions + p)
		} else { // an update
			m.row.ID = int64((1+s.dice.Intn(s.keys[p]))*partitions + p)
		}
		if s.w.can.partitions {
			m.row.Partition = int(m.row.ID/partitions) % 4
		}
	}
	if m.kind == refused {
		s.mu.Lock()
		s.refused[m.row] = true
		s.mu.Unlock()
	}
	s.changes = append(s.changes, m)
}

// isRefused reports whether the server does not take the row.
func (s *source) isRefused(r standin.Row) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused[r]
}

// run publishes changes as they are committed, and repeats some of them each time that a producer is killed.
func (s *source) run(ctx context.Context, changes int) {
	published, confirmed := 0, 0
	var previous [partitions]change.Position
	for ctx.Err() == nil && (published < changes || len(s.changes) < changes) {
		<-time.After(s.dice.UpTo(2 * time.Second))
		for range 1 + s.dice.Intn(20) {
			s.commit()
		}
		for published < len(s.changes) && ctx.Err() == nil {
			n := min(1+s.dice.Intn(12), len(s.changes)-published)
			s.publish(ctx, published, n, &previous)
			published += n
		}
		if s.w.can.repeats && s.dice.Intn(8) == 0 {
			confirmed += s.dice.Intn(published - confirmed + 1)
			s.w.Say("the producer is killed, and begins again at %d of %d", confirmed, published)
			published, previous = confirmed, [partitions]change.Position{}
		}
	}
}

// publish sends changes, in a batch for each of the topic's partitions.
func (s *source) publish(ctx context.Context, from, n int, previous *[partitions]change.Position) {
	var enc codec.Encoder
	for p := range partitions {
		var b recordbatch.Builder
		var sent []message
		for i := from; i < from+n; i++ {
			m := s.changes[i]
			if m.kind != empties && (i+1)%partitions != p {
				continue
			}
			pos := change.Position{Commit: change.LSN(i + 1), Sequence: 1}
			c := &change.Change{Relation: relation, Op: change.Insert, Version: m.row.Version, Position: pos, CommitTime: time.Now().UnixMicro(), Values: []change.Value{
				change.IntegerValue(m.row.ID), change.IntegerValue(int64(m.row.Partition)), change.TextValue(fmt.Appendf(nil, "change %d", i+1)),
			}}
			if m.kind == empties {
				c.Op, c.Values = change.Truncate, nil
			}
			b.Append(time.Now().UnixMilli(), fmt.Appendf(nil, "%d", m.row.ID), enc.Append(nil, c, previous[p]))
			sent = append(sent, m)
			previous[p] = pos
			if s.w.can.letters && s.dice.Intn(40) == 0 {
				b.Append(time.Now().UnixMilli(), nil, []byte("poison"))
				sent = append(sent, message{kind: poison})
			}
		}
		if len(sent) == 0 {
			continue
		}
		s.mu.Lock() // nobody may see a message before it is in the logs here
		s.logs[p] = append(s.logs[p], sent...)
		s.mu.Unlock()
		first, err := s.client.Produce(ctx, topic, p, kafkaclient.Seal(nil, &b, s.w.compressor))
		for ; err != nil && kafkaclient.IsRetriable(err) && ctx.Err() == nil; <-time.After(time.Second) { // the leader has moved
			first, err = s.client.Produce(ctx, topic, p, kafkaclient.Seal(nil, &b, s.w.compressor))
		}
		if err == nil && int(first)+len(sent) != len(s.logs[p]) {
			err = fmt.Errorf("it is at offset %d", first)
		}
		if err != nil && ctx.Err() == nil {
			s.w.Fail("publishing to partition %d: %v", p, err)
		}
	}
}

// log gives the messages of a partition so far.
func (s *source) log(p int) []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logs[p]
}
