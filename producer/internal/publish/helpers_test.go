package publish_test

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"

	"eventsync/compose/local/brokertest"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/publish"
)

// running is a Publisher with its Run.
type running struct {
	*publish.Publisher
	client *kafkaclient.Client
	stop   context.CancelFunc
	ended  chan error // gives what Run returned
}

// start runs a publisher until the test ends. The topics' prefix is the test's own.
func start(t *testing.T, b *brokertest.Broker, edit func(*config.Config)) (running, string) {
	t.Helper()
	return startWith(t, b, &memory{}, edit)
}

// startWith runs a publisher that remembers its routes there. Options are of the client, or done to the publisher first.
func startWith(t *testing.T, b *brokertest.Broker, remembered publish.Routes, edit func(*config.Config), options ...any) (running, string) {
	t.Helper()
	cfg := config.Default()
	cfg.Kafka.Brokers = []string{b.Addr}
	cfg.Kafka.TopicPrefix = brokertest.Name(t)
	if edit != nil {
		edit(&cfg)
	}
	var connect []kafkaclient.Option
	var prepare []func(*publish.Publisher)
	for _, o := range options {
		switch o := o.(type) {
		case kafkaclient.Option:
			connect = append(connect, o)
		case func(*publish.Publisher):
			prepare = append(prepare, o)
		}
	}
	client, err := kafkaclient.New(cfg.Kafka, "test", connect...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	p, err := publish.New(client, &cfg, remembered, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range prepare {
		f(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := running{Publisher: p, client: client, stop: cancel, ended: make(chan error, 1)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.ended <- p.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return r, cfg.Kafka.TopicPrefix + ".public.events"
}

var (
	events = &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true}, {Name: "note", Type: change.TypeText, SourceType: "text"},
	}}
	keyless = &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint"}, {Name: "note", Type: change.TypeText, SourceType: "text"},
	}}
)

func row(r *change.Relation, commit, sequence uint64, id int64, note string) change.Change {
	return change.Change{
		Relation: r, Op: change.Insert, Version: change.Version(commit<<8 | sequence), CommitTime: 1_700_000_000_000_000,
		Position: change.Position{Commit: change.LSN(commit), Sequence: sequence},
		Values:   []change.Value{change.IntegerValue(id), change.TextValue([]byte(note))},
	}
}

// message is one message of the log.
type message struct {
	key                string
	op                 change.Op
	position, previous change.Position
	id                 int64
}

// readLog reads, as a foreign client, what every partition of the topic holds now.
func readLog(t *testing.T, r running, brokers []string, topic string) [][]message {
	t.Helper()
	n, err := r.client.Partitions(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	log := make([][]message, n)
	left := 0
	from := map[int32]kgo.Offset{}
	for i := range log {
		o, err := r.client.Offsets(t.Context(), topic, i)
		if err != nil {
			t.Fatal(err)
		}
		left += int(o.Last)
		from[int32(i)] = kgo.NewOffset().At(0)
	}
	c, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var d codec.Decoder
	for left > 0 {
		fetched := c.PollFetches(t.Context())
		if err := fetched.Err(); err != nil {
			t.Fatal(err)
		}
		for _, record := range fetched.Records() {
			left--
			var m codec.Message
			if err := d.Decode(record.Value, &m); err != nil {
				t.Fatal(err)
			}
			got := message{key: string(record.Key), op: m.Op, position: m.Position, previous: m.Previous}
			if len(m.Values) > 0 {
				got.id = m.Values[0].Integer()
			}
			log[record.Partition] = append(log[record.Partition], got)
		}
	}
	return log
}

func count(log [][]message) (n int) {
	for _, p := range log {
		n += len(p)
	}
	return n
}

// eventually waits until something is so.
func eventually(t *testing.T, is func() bool) {
	t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-deadline.C:
			t.Fatal("it never came")
		case <-tick.C:
		}
	}
}
