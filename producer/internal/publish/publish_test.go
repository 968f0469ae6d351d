package publish_test

import (
	"fmt"
	"strings"
	"testing"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

func TestChangesOfAKeyStayInOrderInThePartitionOfJavasClients(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		for _, compression := range []string{"none", "lz4", "zstd"} {
			t.Run(compression, func(t *testing.T) {
				p, topic := start(t, b, func(c *config.Config) { c.Producer.Compression = compression })
				const n = 3000
				for i := uint64(1); i <= n; i++ {
					if err := p.Publish(t.Context(), []change.Change{row(events, i, 1, int64(i%50), "a note")}); err != nil {
						t.Fatal(err)
					}
				}
				p.Commit(n + 1)
				if err := p.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := p.Confirmed(); got != n+1 {
					t.Errorf("confirmed %v", got)
				}
				log := readLog(t, p, []string{b.Addr}, topic)
				if count(log) != n || p.Stats().Records != n {
					t.Errorf("%d messages, %+v", count(log), p.Stats())
				}
				for id, messages := range log {
					var last change.Position
					for _, m := range messages {
						if want := fmt.Sprintf(`{"id":%d}`, m.id); m.key != want || kafkaclient.Partition([]byte(m.key), len(log)) != id {
							t.Fatalf("partition %d holds key %s of row %d", id, m.key, m.id)
						}
						if m.previous != last || m.position.Compare(last) <= 0 {
							t.Fatalf("partition %d: after %v comes %v, and says that %v came before", id, last, m.position, m.previous)
						}
						last = m.position
					}
				}
			})
		}
	})
}

func TestTruncateGoesToEveryPartition(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) {
			c.Tables = []config.Table{{Source: "public.other", Partitions: 9}, {Source: "public.events", Partitions: 3}}
		})
		truncate := change.Change{Relation: events, Op: change.Truncate, Version: 2, Position: change.Position{Commit: 2, Sequence: 1}}
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 7, ""), truncate, row(events, 3, 1, 7, "")}); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		log := readLog(t, p, []string{b.Addr}, topic)
		if len(log) != 3 {
			t.Fatalf("%d partitions", len(log))
		}
		home := kafkaclient.Partition([]byte(`{"id":7}`), 3)
		for id, got := range log {
			want := []message{{op: change.Truncate, position: change.Position{Commit: 2, Sequence: 1}}}
			if id == home {
				first, third := change.Position{Commit: 1, Sequence: 1}, change.Position{Commit: 3, Sequence: 1}
				want[0].previous = first
				want = []message{
					{key: `{"id":7}`, op: change.Insert, position: first, id: 7},
					want[0],
					{key: `{"id":7}`, op: change.Insert, position: third, previous: change.Position{Commit: 2, Sequence: 1}, id: 7},
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("partition %d holds %v, want %v", id, got, want)
			}
		}
	})
}

func TestSnapshotRowsStandOutsideTheChain(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) { c.Kafka.Partitions = 1 })
		snapshot := row(events, 0, 0, 5, "")
		snapshot.Op, snapshot.Version = change.Snapshot, 99
		if err := p.Publish(t.Context(), []change.Change{row(events, 1, 1, 1, ""), snapshot, row(events, 2, 1, 2, "")}); err != nil {
			t.Fatal(err)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := readLog(t, p, []string{b.Addr}, topic)[0]
		if len(got) != 3 || !got[1].position.IsZero() || !got[1].previous.IsZero() || got[2].previous != got[0].position {
			t.Errorf("got %v", got)
		}
	})
}

func TestKeylessChangesSpreadAndComeAgainWhereTheyWere(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		const n = 400
		var logs [2][][]message
		for i := range logs {
			p, topic := start(t, b, nil)
			for c := uint64(1); c <= n; c++ {
				if err := p.Publish(t.Context(), []change.Change{row(keyless, 1+c/10, c%10, int64(c), "")}); err != nil {
					t.Fatal(err)
				}
			}
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			logs[i] = readLog(t, p, []string{b.Addr}, topic)
		}
		if fmt.Sprint(logs[0]) != fmt.Sprint(logs[1]) {
			t.Error("the same changes went elsewhere the second time")
		}
		for id, messages := range logs[0] {
			if len(messages) < n/len(logs[0])/2 {
				t.Errorf("partition %d has %d of %d messages", id, len(messages), n)
			}
			for _, m := range messages {
				if m.key != "" {
					t.Fatalf("key %q", m.key)
				}
			}
		}
	})
}

func TestRoundsAreCutIntoBatchesThatTheBrokerTakes(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, topic := start(t, b, func(c *config.Config) {
			c.Kafka.Partitions = 1
			c.Producer.Compression = "none"
		})
		const n, size = 60, 300 << 10 // 18 MB: more than two rounds hold
		note := strings.Repeat("x", size)
		for i := uint64(1); i <= n; i++ {
			if err := p.Publish(t.Context(), []change.Change{row(events, i, 1, int64(i), note)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		log := readLog(t, p, []string{b.Addr}, topic)[0]
		if len(log) != n {
			t.Fatalf("%d messages", len(log))
		}
		for i, m := range log {
			if m.id != int64(i+1) {
				t.Fatalf("message %d is row %d", i, m.id)
			}
		}
		if s := p.Stats(); s.Batches < n/3 || s.Retries != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestNothingCommittedIsConfirmedAtOnce(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		p, _ := start(t, b, nil)
		p.Commit(17)
		if got := p.Confirmed(); got != 17 {
			t.Errorf("confirmed %v with nothing to publish", got)
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		p.Commit(16)
		if got := p.Confirmed(); got != 17 {
			t.Errorf("confirmed went back to %v", got)
		}
	})
}
