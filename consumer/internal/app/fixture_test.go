package app

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"
	"go.uber.org/zap/zaptest/observer"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/clickhouse/clickhousetest"
	"eventsync/compose/local/process"
	"eventsync/compose/local/process/processtest"
	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/config"
	"eventsync/pkg/telemetry/telemetrytest"
)

// quick is a patience that a test has.
const quick = 400 * time.Millisecond

// pollDeadline is how long a test waits for what must come.
var pollDeadline = flag.Duration("deadline", 90*time.Second, "how long a test waits for what must come")

// world is what consumers run against: a broker and a database of the test's own, with one table and its topic.
type world struct {
	*testing.T
	broker   *broker.Broker
	cfg      config.Config
	topic    string
	producer *kgo.Client
	client   *ch.Client
	encoder  codec.Encoder
	relation *change.Relation
	lsn      uint64
}

// newWorld makes the topic with partitions, and the target.
func newWorld(t *testing.T, partitions int32) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Config{Settings: map[string]string{"group.min.session.timeout.ms": "100"}})
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, b)
	w := newWorldOn(t, &brokertest.Broker{Addr: b.Addr(), Kind: brokertest.Fake, Fake: b}, "cdc", partitions, nil)
	w.broker = b
	return w
}

// newWorldOn makes it on a broker that others may use.
func newWorldOn(t *testing.T, b *brokertest.Broker, prefix string, partitions int32, settings map[string]string) *world {
	t.Helper()
	db := clickhousetest.New(t)
	w := &world{T: t, cfg: config.Default(), topic: prefix + ".public.a"}
	w.cfg.Kafka.Brokers, w.cfg.Kafka.TopicPrefix = []string{b.Addr}, prefix
	w.cfg.ClickHouse.Addresses, w.cfg.ClickHouse.Database = []string{db.Addr}, db.Name
	w.cfg.Consumer.SessionTimeout = 6 * time.Second
	w.cfg.Consumer.Batch.Interval, w.cfg.Consumer.Batch.Wait = 5*time.Millisecond, 10*time.Millisecond
	w.cfg.Gate.File = filepath.Join(t.TempDir(), "flags.json")
	w.cfg.Tables = []config.Table{{Source: "public.a", Target: "a"}}
	w.flag(true)
	b.CreateTopic(t, w.topic, partitions, settings)
	var err error
	if w.producer, err = kgo.NewClient(kgo.SeedBrokers(b.Addr), kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.producer.Close)
	w.connect()
	w.createTarget()
	w.exec(w.cursorsDefinition())
	w.relation = &change.Relation{Schema: "public", Table: "a", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true}}}
	return w
}

// connect connects to the configured ClickHouse.
func (w *world) connect() {
	w.Helper()
	c, err := ch.Dial(w.Context(), ch.Options{Address: w.cfg.ClickHouse.Addresses[0], Database: w.cfg.ClickHouse.Database})
	if err != nil {
		w.Fatal(err)
	}
	w.client = c
	w.Cleanup(func() { _ = c.Close() })
}

func (w *world) cursorsDefinition() string {
	w.Helper()
	text, err := os.ReadFile("../../../schemas/clickhouse/sync_cursors.sql")
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}

func (w *world) createTarget() {
	w.Helper()
	w.exec("CREATE TABLE a (id UInt64, _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY id SETTINGS non_replicated_deduplication_window = 1000")
}

func (w *world) exec(statement string) {
	w.Helper()
	if err := w.client.Do(w.Context(), ch.Query{Body: statement}); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// number runs a query that gives one.
func (w *world) number(query string) (n uint64) {
	w.Helper()
	var c proto.ColUInt64
	err := w.client.Do(w.Context(), ch.Query{Body: query, Result: proto.Results{{Name: "n", Data: &c}}, OnResult: func(context.Context, proto.Block) error {
		for _, v := range c {
			n = v
		}
		return nil
	}})
	if err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return n
}

// flag writes the flag's definition.
func (w *world) flag(on bool) {
	w.Helper()
	variant := map[bool]string{true: "on", false: "off"}[on]
	w.flagFile(`{"flags": {"` + w.cfg.Gate.Flag + `": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "` + variant + `"}}}`)
}

func (w *world) flagFile(text string) {
	w.Helper()
	next := w.cfg.Gate.File + ".next"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	if err := os.Rename(next, w.cfg.Gate.File); err != nil {
		w.Fatal(err)
	}
}

// insert publishes the insert of a row into a partition, committed some time ago.
func (w *world) insert(partition int32, ago time.Duration) {
	w.Helper()
	w.lsn++
	c := change.Change{
		Relation: w.relation, Op: change.Insert, Version: change.NewVersion(0, change.LSN(w.lsn)),
		CommitTime: time.Now().Add(-ago).UnixMicro(), Values: []change.Value{change.IntegerValue(int64(w.lsn))},
	}
	w.publish(partition, w.encoder.Append(nil, &c, change.Position{}), ago)
}

// publish writes a message with the time of long ago, as the producer writes that of the commit.
func (w *world) publish(partition int32, value []byte, ago time.Duration) {
	w.Helper()
	r := &kgo.Record{Topic: w.topic, Partition: partition, Key: []byte("{}"), Value: value, Timestamp: time.Now().Add(-ago)}
	if err := w.producer.ProduceSync(w.Context(), r).FirstErr(); err != nil {
		w.Fatal(err)
	}
}

// running is a consumer.
type running struct {
	telemetrytest.Program
	logs *observer.ObservedLogs
	stop func()
}

// start runs a consumer until the test ends or stop is called.
func (w *world) start() *running {
	w.Helper()
	port, err := process.FreePort()
	if err != nil {
		w.Fatal(err)
	}
	cfg := w.cfg
	cfg.Consumer.Listen = fmt.Sprintf("127.0.0.1:%d", port)
	core, logs := observer.New(zapcore.InfoLevel)
	log := zaptest.NewLogger(w.T, zaptest.WrapOptions(zap.WrapCore(func(c zapcore.Core) zapcore.Core { return zapcore.NewTee(c, core) })))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := consume(ctx, &cfg, quick, log); err != nil {
			w.Error(err)
		}
	}()
	told := telemetrytest.Program{T: w.T, Address: "http://" + cfg.Consumer.Listen, Prefix: prefix, Deadline: *pollDeadline}
	r := &running{told, logs, func() { cancel(); <-done }}
	w.Cleanup(r.stop)
	return r
}

// waitLine waits for a line of the log with a field of this value.
func (r *running) waitLine(message, key string, value any) {
	r.T.Helper()
	eventually(r.T, func() bool {
		for _, e := range r.logs.FilterMessage(message).All() {
			if e.ContextMap()[key] == value {
				return true
			}
		}
		return false
	}, func() string { return fmt.Sprintf("no line %q with %s=%v", message, key, value) })
}

// eventually polls until ok, or fails and says what is.
func eventually(t *testing.T, ok func() bool, what func() string) {
	t.Helper()
	telemetrytest.Eventually(t, *pollDeadline, ok, what)
}
