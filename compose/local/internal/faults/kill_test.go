package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twmb/franz-go/pkg/kgo"

	"eventsync/compose/local/internal/proxytest"
	"eventsync/pkg/codec"
)

// killed runs producers that are killed, each after some time that nothing tells.
func (w *world) killed(times int) {
	w.Helper()
	for i := range times {
		p := w.run(fmt.Sprintf("producer-%02d", i))
		<-time.After(time.Duration(100+rand.IntN(800)) * time.Millisecond)
		p.kill()
	}
}

// The producer is killed again and again under load. The broker takes its time, so that something is always on the way.
func TestKilledProducer(t *testing.T) {
	w := newWorld(t, 1_000)
	proxy := w.proxyBroker()
	p := w.run("producer")
	p.says(1, "streaming")
	proxy.Add("latency", proxytest.Attributes{"latency": 20, "jitter": 20})
	l := w.load()
	l.changes(100)
	p.kill()
	w.killed(50)
	p = w.run("producer-last")
	p.says(1, "streaming")
	l.changes(500)
	l.stop()
	w.verify(expectation{})
}

// The producer is killed again and again while it takes the first snapshot, of a table at rest and one under load, each
// time that some more of it is noted. It does not start over.
func TestProducerKilledInItsSnapshot(t *testing.T) {
	w := newWorld(t, 1_000)
	w.exec("CREATE TABLE still (id int PRIMARY KEY, filler text); INSERT INTO still SELECT i, repeat(md5(i::text), 32) FROM generate_series(1, 74000) i")
	proxy := w.proxyBroker()
	proxy.Add("latency", proxytest.Attributes{"latency": 30})
	w.config(w.postgres.DSN(), proxy.Listen, "public.still", "public.events")
	l := w.load()
	kills := 0
	for noted := 0; ; kills++ {
		p := w.run(fmt.Sprintf("producer-%02d", kills))
		noted = w.noted(noted + 1)
		if noted == 0 {
			break
		}
		p.kill()
	}
	l.changes(500)
	l.stop()
	w.verify(expectation{snapshotted: true})

	times := map[int64]int{} // that a row was read
	w.readTopic("cdc.public.still", func(_ *kgo.Record, m *codec.Message) { times[m.Values[0].Integer()]++ })
	read, most := 0, 0
	for _, n := range times {
		read += n
		most = max(most, n)
	}
	t.Logf("%d rows were read %d times, over %d kills", len(times), read, kills)
	if len(times) != 74_000 {
		t.Errorf("%d rows are in the topic", len(times))
	}
	// What is noted is not read again. A kill costs what was under way: a part of each connection, and what waits to be noted.
	const parts, underWay = 10, 3
	if kills < 4 || read > len(times)+kills*underWay*len(times)/parts {
		t.Errorf("over %d kills %d rows were read %d times, one of them %d times", kills, len(times), read, most)
	}
}

// noted waits until the tables' snapshots have so many parts that are in Kafka, and gives how many; 0 when all are.
func (w *world) noted(parts int) (n int) {
	w.Helper()
	w.connected(func(conn *pgx.Conn) error {
		w.eventually(fmt.Sprintf("%d parts of the snapshot", parts), func() bool {
			var done bool
			err := conn.QueryRow(w.Context(), `
				SELECT (SELECT count(*) FROM eventsync.chunks WHERE source = 'public.still'),
					coalesce((SELECT bool_and(done) AND count(*) = 2 FROM eventsync.progress), false)`).Scan(&n, &done)
			if done {
				n = 0
			}
			var missing *pgconn.PgError // the tables, before the first producer has made them
			if err != nil && !errors.As(err, &missing) {
				w.Error(err)
			}
			return done || n >= parts
		})
		return nil
	})
	return n
}
