package faults

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

const (
	partitions = 4
	topic      = "cdc.public.events"
)

// notes makes the source note what happens to each event. The changes of one row have rising numbers, since each is
// made under the row's lock.
const notes = `
CREATE TABLE notes (number bigint GENERATED ALWAYS AS IDENTITY, id bigint NOT NULL, op int NOT NULL, action bigint NOT NULL, updated_at bigint NOT NULL);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF TG_OP = 'DELETE' THEN
		INSERT INTO notes (id, op, action, updated_at) VALUES (OLD.id, 3, 0, 0);
	ELSE
		INSERT INTO notes (id, op, action, updated_at)
		VALUES (NEW.id, CASE TG_OP WHEN 'INSERT' THEN 1 ELSE 2 END, NEW.action, extract(epoch FROM NEW.updated_at) * 1000000);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION note();`

// deed is what happened to a row, as both sides know it.
type deed struct {
	op                change.Op
	action, updatedAt int64 // 0 where it was deleted
}

// message is one of the topic.
type message struct {
	deed
	id                 int64
	partition          int32
	offset             int64
	version            change.Version
	position, previous change.Position
}

func (m message) compare(other message) int { return m.position.Compare(other.position) }

func (m message) String() string {
	return fmt.Sprintf("partition %d, offset %d (id %d, %v at %v after %v)", m.partition, m.offset, m.id, m.op, m.position, m.previous)
}

// read reads the events' topic.
func (w *world) read() (all []message) {
	w.Helper()
	w.readTopic(topic, func(r *kgo.Record, m *codec.Message) { all = append(all, newMessage(r, m)) })
	return all
}

// readTopic reads a topic from its beginning to its end, past any proxy. What each is called with is good until the next.
func (w *world) readTopic(topic string, each func(*kgo.Record, *codec.Message)) {
	w.Helper()
	from, ends := map[int32]kgo.Offset{}, map[int32]int64{}
	for _, p := range w.broker.Cluster().PartitionInfos(topic) {
		if p.HighWatermark > 0 {
			from[p.Partition], ends[p.Partition] = kgo.NewOffset().AtStart(), p.HighWatermark
		}
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(w.broker.Addr()), kgo.Dialer(w.direct), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	w.must(err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	var decoder codec.Decoder
	var m codec.Message
	for len(ends) > 0 {
		fetches := client.PollFetches(ctx)
		w.must(fetches.Err())
		fetches.EachRecord(func(r *kgo.Record) {
			w.must(decoder.Decode(r.Value, &m))
			each(r, &m)
			if r.Offset+1 >= ends[r.Partition] {
				delete(ends, r.Partition)
			}
		})
	}
}

func newMessage(r *kgo.Record, m *codec.Message) message {
	is := func(column string) int64 { return m.Values[m.Relation.Column(column)].Integer() }
	one := message{
		deed: deed{op: m.Op}, id: is("id"), partition: r.Partition, offset: r.Offset,
		version: m.Version, position: m.Position, previous: m.Previous,
	}
	if m.Op != change.Delete {
		one.action, one.updatedAt = is("action"), is("updated_at")
	}
	return one
}

// expectation is what is true of a topic beside what is always.
type expectation struct {
	// snapshotted says that some of what was noted may be in the snapshot alone.
	snapshotted bool
	// late says that a stopped producer's late writes may stand outside the chain.
	late bool
}

// verify waits for the last change, and holds the topic against the source.
func (w *world) verify(e expectation) []message {
	w.Helper()
	w.published()
	all := w.read()
	streamed := w.follow(all, e)
	w.compareNotes(streamed, e)
	w.compareTable(w.ofEpoch(all))
	return all
}

// follow reads each partition as a consumer does: L is the last position reached by an unbroken chain; what is at or
// before it is dropped as a repeat. It gives each change once.
func (w *world) follow(all []message, e expectation) map[change.Position]message {
	w.Helper()
	last := map[int32]change.Position{}
	seen := map[change.Position]message{}
	late, repeats := 0, 0
	for _, m := range all {
		if m.position.IsZero() {
			continue // a snapshot row stands outside the chain
		}
		first, known := seen[m.position]
		if known && (first.partition != m.partition || first.id != m.id || first.deed != m.deed || first.version != m.version) {
			w.Errorf("%v is not what came before with its position: %v", m, first)
		}
		switch l := last[m.partition]; {
		case m.position.Compare(l) <= 0:
			repeats++
			if !known {
				w.Errorf("%v is dropped as a repeat, the chain being at %v, and never came before", m, l)
			}
		case m.previous.IsZero() || m.previous.Compare(l) <= 0:
			last[m.partition] = m.position
		default:
			late++
		}
		if !known {
			seen[m.position] = m
		}
	}
	if late > 0 && !e.late {
		w.Errorf("%d messages are not joined to the chain", late)
	}
	w.Logf("%d messages: %d changes, %d repeats, %d late", len(all), len(seen), repeats, late)
	return seen
}

// compareNotes finds each change that was noted in the topic, each row's in their order.
func (w *world) compareNotes(streamed map[change.Position]message, e expectation) {
	w.Helper()
	got := map[int64][]message{}
	for _, m := range w.ofEpoch(slices.SortedFunc(maps.Values(streamed), message.compare)) {
		got[m.id] = append(got[m.id], m)
	}
	want := map[int64][]deed{}
	w.connected(func(conn *pgx.Conn) error {
		rows, err := conn.Query(w.Context(), "SELECT id, op, action, updated_at FROM notes ORDER BY number")
		if err != nil {
			return err
		}
		var id int64
		var op int
		var d deed
		_, err = pgx.ForEachRow(rows, []any{&id, &op, &d.action, &d.updatedAt}, func() error {
			d.op = change.Op(op)
			want[id] = append(want[id], d)
			return nil
		})
		return err
	})
	wrong := 0
	for id, deeds := range want {
		has := make([]deed, len(got[id]))
		for i, m := range got[id] {
			has[i] = m.deed
			if i > 0 && m.version <= got[id][i-1].version {
				w.Errorf("%v has the version %d, and the change before it %d", m, m.version, got[id][i-1].version)
			}
		}
		if e.snapshotted && len(has) <= len(deeds) {
			deeds = deeds[len(deeds)-len(has):]
		}
		if !slices.Equal(has, deeds) {
			if wrong++; wrong < 5 {
				w.Errorf("row %d: noted are %v, in the topic are %v", id, deeds, has)
			}
		}
		delete(got, id)
	}
	if wrong > 0 || len(got) > 0 {
		w.Errorf("of %d rows that were noted %d are wrong in the topic; %d rows of the topic were not noted", len(want), wrong, len(got))
	}
}

// compareTable collapses the topic to the rows with the greatest versions, which must be the table.
func (w *world) compareTable(all []message) {
	w.Helper()
	newest := map[int64]message{}
	for _, m := range all {
		if before, ok := newest[m.id]; !ok || cmp.Compare(m.version, before.version) > 0 {
			newest[m.id] = m
		}
	}
	rows := 0
	w.connected(func(conn *pgx.Conn) error {
		found, err := conn.Query(w.Context(), "SELECT id, action, (extract(epoch FROM updated_at) * 1000000)::int8 FROM events")
		if err != nil {
			return err
		}
		var id, action, updatedAt int64
		_, err = pgx.ForEachRow(found, []any{&id, &action, &updatedAt}, func() error {
			rows++
			m, ok := newest[id]
			if !ok || m.op == change.Delete || m.action != action || m.updatedAt != updatedAt {
				w.Errorf("row %d of the table is (%d, %d), in the topic %v with (%d, %d)", id, action, updatedAt, m, m.action, m.updatedAt)
			}
			delete(newest, id)
			return nil
		})
		return err
	})
	for _, m := range newest {
		if m.op != change.Delete {
			w.Errorf("%v is not in the table", m)
		}
	}
	w.Logf("%d rows in the table", rows)
}
