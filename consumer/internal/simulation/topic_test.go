package simulation

import (
	"context"
	"sync"
	"time"

	"eventsync/consumer/internal/simulation/standin"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

var relation = &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}}

// topicPartition is a partition of the topic: its log, and what the group has committed.
type topicPartition struct {
	w  *world
	id int

	mu        sync.Mutex
	topic     string
	log       []record
	kind      map[int64]string // what the changes are: "", "refused", "truncate"
	buried    map[int64]int    // dead letters, by offset
	committed int64
	metadata  string
	floor     change.Version // of the truncates that are committed
	over      bool           // nothing is to be expected of it any more

	group
}

// record is a message; change is 0 for one that nobody can read.
type record struct {
	kafkaclient.Record
	change int64
	gone   bool // compaction has taken it
}

// newTopicPartition fills a log: each partition has every third number for its changes, the last third is for truncates,
// which are in all partitions; and producers repeat themselves.
func newTopicPartition(w *world, id int) *topicPartition {
	p := &topicPartition{w: w, id: id, topic: "first", kind: map[int64]string{}, buried: map[int64]int{}, committed: -1}
	p.p = p
	p.fill(int64(id) + 3)
	return p
}

func (p *topicPartition) fill(first int64) {
	w, d := p.w, p.w.dice(forTheLog, p.id, int(first))
	var enc codec.Encoder
	var previous change.Position
	publish := func(id int64) {
		pos := change.Position{Commit: change.LSN(id), Sequence: 1}
		c := &change.Change{Relation: relation, Op: change.Insert, Version: versionOf(id), Position: pos, Values: []change.Value{change.IntegerValue(id)}}
		if p.kind[id] == "truncate" {
			c.Op, c.Values = change.Truncate, nil
		}
		p.append(enc.Append(nil, c, previous), id)
		previous = pos
	}
	changes := 25 + d.Intn(40)
	confirmed, ids := 0, []int64{}
	for id := first; len(ids) < changes || w.can.truncate && id < lastTruncate; id += 3 {
		if n := id / 3; w.can.truncate && n%truncateEvery == 0 { // in every partition
			t := 3*n - 1
			p.kind[t] = "truncate"
			ids = append(ids, t)
			publish(t)
			// A row that a snapshot read before the truncate, and that comes after it.
			old := t - 3
			w.partOf[old] = p
			c := &change.Change{Relation: relation, Op: change.Snapshot, Version: versionOf(old), Values: []change.Value{change.IntegerValue(old)}}
			p.append(enc.Append(nil, c, change.Position{}), old)
		}
		if len(ids) >= changes {
			continue
		}
		w.partOf[id] = p
		if w.can.refused && d.Intn(15) == 0 {
			p.kind[id] = "refused"
		}
		ids = append(ids, id)
		publish(id)
		if w.can.poison && d.Intn(15) == 0 {
			p.append([]byte("poison"), 0)
		}
		if w.can.repeats && d.Intn(10) == 0 { // killed: a new producer begins with what was confirmed
			confirmed += d.Intn(len(ids) - confirmed)
			previous = change.Position{}
			for _, again := range ids[confirmed:] {
				publish(again)
			}
		}
	}
}

// Truncates are in all partitions, behind so many changes of each, and for the last time at this number.
const (
	truncateEvery = 12
	lastTruncate  = 200
)

func (p *topicPartition) append(value []byte, change int64) {
	p.log = append(p.log, record{Record: kafkaclient.Record{Offset: int64(len(p.log)), Value: value}, change: change})
}

// row is the row of a change. Where the table has partitions, a block has rows of some.
func (p *topicPartition) row(id int64) standin.Row {
	r := standin.Row{ID: id, Version: versionOf(id)}
	if p.w.can.partitions {
		r.Partition = int(id/3) % 4
	}
	return r
}

// recreate makes the topic anew, with other changes. What was committed of the old one must not be taken for the new.
func (p *topicPartition) recreate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.topic != "first" || p.committed < 0 || p.committed == int64(len(p.log)) {
		return
	}
	p.w.Say("partition %d: the topic is made anew", p.id)
	p.topic, p.log = "second", nil
	p.fill(300_000 + int64(p.id))
	p.stopLocked()
}

// blank commits the offset without metadata, as another program would that believes itself a member.
func (p *topicPartition) blank() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.committed < 0 || p.metadata == "" {
		return false
	}
	p.metadata = ""
	p.stopLocked()
	return true
}

// reader reads the partition's log in runs of a few records.
type reader struct {
	p     *topicPartition
	claim *claim
	dice  *dice
	at    int64
}

func (r *reader) SeekTo(offset int64) { r.at = offset }
func (r *reader) Offset() int64       { return r.at }

func (r *reader) HighWatermark() int64 {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	return int64(len(r.p.log))
}

func (r *reader) Read(ctx context.Context) ([]kafkaclient.Record, error) {
	w := r.p.w
	r.claim.freeze(r.dice, "reading")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if r.at >= r.HighWatermark() {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
			return nil, nil
		}
	}
	n := int64(1 + r.dice.Intn(7))
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	var records []kafkaclient.Record
	for end := min(int64(len(r.p.log)), r.at+n); r.at < end; r.at++ {
		if w.can.compaction && !r.p.log[r.at].gone && r.at < int64(len(r.p.log))-1 && r.dice.perhaps(20) {
			r.p.log[r.at].gone = true // from now on
		}
		if !r.p.log[r.at].gone {
			records = append(records, r.p.log[r.at].Record)
		}
	}
	return records, nil
}
