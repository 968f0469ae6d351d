package app

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
)

// Whatever is written at the same time, a joined value is never older than the row that it is published with: each row
// remembers what the value was when it was written.
func TestJoinedValuesAreNeverOlderThanTheirRow(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		db := postgrestest.New(t)
		exec := session(t, db.DSN)
		exec("CREATE TABLE kinds (id int PRIMARY KEY, n bigint NOT NULL); INSERT INTO kinds SELECT i, 0 FROM generate_series(1, 3) i")
		exec("CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind int, n bigint)")
		cfg := configure(t, db.DSN, b, config.Table{Source: "public.a", Partitions: 1, Lookups: []config.Lookup{{
			Column: "now_n", Keys: []string{"kind"}, SQL: "SELECT k.i, kinds.n FROM unnest($1::int[]) WITH ORDINALITY k (id, i) JOIN kinds ON kinds.id = k.id",
			Watch: []config.Watch{{Source: "public.kinds", Column: "id", Key: "kind"}},
		}}})
		r := start(t, cfg)
		r.WaitReady(200, "ok")

		const writers, enough = 3, 2000
		writing, stop := context.WithCancel(t.Context())
		defer stop()
		var wg sync.WaitGroup
		for w := range writers {
			conn, err := pgx.Connect(t.Context(), db.DSN)
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
				for i := 0; writing.Err() == nil; i++ {
					sql := "INSERT INTO a (kind, n) SELECT id, n FROM kinds WHERE id = $1 FOR SHARE"
					if (i+w)%3 == 0 {
						sql = "UPDATE kinds SET n = n + 1 WHERE id = $1"
					}
					if _, err := conn.Exec(t.Context(), sql, 1+(i/2)%3); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		r.WaitMetric("eventsync_producer_records_total", func(v float64) bool { return v >= enough })
		stop()
		wg.Wait()
		var want int64
		conn, err := pgx.Connect(t.Context(), db.DSN)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM a").Scan(&want); err != nil {
			t.Fatal(err)
		}
		newer, older := joined(t, b.Addr, cfg.Kafka.Topic("public.a"), want)
		if older > 0 {
			t.Errorf("%d of %d rows have an older value than when they were written", older, want)
		}
		t.Logf("%d of %d rows have a newer value", newer, want)
		hits, _ := r.Metric(`eventsync_producer_lookup_hits_total{column="now_n",table="public.a"}`)
		evictions, _ := r.Metric(`eventsync_producer_lookup_evictions_total{column="now_n",table="public.a"}`)
		if hits == 0 || evictions == 0 {
			t.Errorf("%v rows had a remembered value, and %v values were ended: this was no test", hits, evictions)
		}
	})
}

// joined reads so many rows of the topic, and counts those whose joined value is newer and older than their own.
func joined(t *testing.T, broker, topic string, rows int64) (newer, older int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().At(0)}}))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var d codec.Decoder
	for read := int64(0); read < rows; {
		fetched := client.PollFetches(t.Context())
		if err := fetched.Err(); err != nil {
			t.Fatal(err)
		}
		for _, record := range fetched.Records() {
			var m codec.Message
			if err := d.Decode(record.Value, &m); err != nil {
				t.Fatal(err)
			}
			read++
			if len(m.Values) != 4 || m.Values[3].Kind != change.Integer {
				t.Fatalf("a row of the values %+v", m.Values)
			}
			switch own, now := m.Values[2].Integer(), m.Values[3].Integer(); {
			case now > own:
				newer++
			case now < own:
				older++
			}
		}
	}
	return newer, older
}
