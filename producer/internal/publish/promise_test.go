package publish_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
)

// checkConfirmed checks that every change before confirmed is in the log; changes have the positions (1, 1), (2, 1), ...
func checkConfirmed(t *testing.T, log [][]message, confirmed change.LSN) {
	t.Helper()
	there := map[change.LSN]bool{}
	for _, messages := range log {
		for _, m := range messages {
			there[m.position.Commit] = true
		}
	}
	for lsn := change.LSN(1); lsn < confirmed; lsn++ {
		if !there[lsn] {
			t.Fatalf("%v is confirmed, and the change at %v is not in the log", confirmed, lsn)
		}
	}
}

// passing are failures that may pass. After the last two the broker has appended the batch all the same.
var passing = []*kerr.Error{
	kerr.NotLeaderForPartition, kerr.LeaderNotAvailable, kerr.NotEnoughReplicas, kerr.UnknownTopicOrPartition,
	kerr.KafkaStorageError, kerr.RequestTimedOut, kerr.NotEnoughReplicasAfterAppend,
}

// TestConfirmedNeverRunsAhead has requests fail, and connections break, at random, while changes are published, and
// compares what is confirmed with the log all the time.
func TestConfirmedNeverRunsAhead(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		for seed := range uint64(5) {
			t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { confirmedNeverRunsAhead(t, b, seed) })
		}
	})
}

func confirmedNeverRunsAhead(t *testing.T, b *brokertest.Broker, seed uint64) {
	p, topic := start(t, b, func(c *config.Config) { c.Producer.Linger = time.Millisecond })
	for i, e := range passing {
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		fault := b.Fake.Cluster().Fault(kfake.Fault{
			Keys: []kmsg.Key{kmsg.Produce}, Topic: topic, Count: -1, Err: e,
			When: func(kmsg.Request) bool { return rng.IntN(40) == 0 },
		})
		defer fault.Remove()
	}
	rng := rand.New(rand.NewPCG(seed, 99))
	const n = 2000
	for lsn := uint64(1); lsn <= n; {
		var changes []change.Change
		for range min(1+rng.Uint64N(20), n+1-lsn) {
			changes = append(changes, row(events, lsn, 1, rng.Int64N(100), ""))
			lsn++
		}
		if err := p.Publish(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		p.Commit(change.LSN(lsn))
		switch rng.IntN(40) {
		case 0:
			b.Fake.Disconnect()
		case 1:
			confirmed := p.Confirmed() // before the log is read, which may only grow meanwhile
			checkConfirmed(t, readLog(t, p, []string{b.Addr}, topic), confirmed)
		case 2:
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := p.Confirmed(); got != change.LSN(lsn) {
				t.Fatalf("after a flush %v is confirmed, and %v committed", got, lsn)
			}
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := readLog(t, p, []string{b.Addr}, topic)
	readByTheRule(t, log)
	checkConfirmed(t, log, n+1)
	if got := p.Confirmed(); got != n+1 {
		t.Errorf("confirmed %v of %v", got, change.LSN(n+1))
	}
	if p.Stats().Retries == 0 {
		t.Error("nothing failed: this was no test")
	}
}
