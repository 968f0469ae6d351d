package publish_test

import (
	"context"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"

	"eventsync/compose/local/broker"
	"eventsync/pkg/change"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/producer/internal/publish"
)

// BenchmarkPublish publishes changes of a nine-column table, 1,000 at a time, to a broker that acknowledges and keeps
// nothing.
func BenchmarkPublish(b *testing.B) {
	for _, compression := range []string{"none", "lz4", "zstd"} {
		b.Run(compression, func(b *testing.B) { benchmarkPublish(b, compression) })
	}
}

func benchmarkPublish(b *testing.B, compression string) {
	server, err := broker.Start(b.Context(), broker.Config{Options: []kfake.Opt{kfake.SeedTopics(4, "cdc.public.wide")}})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = server.Stop(context.Background()) }()
	server.Cluster().ControlKey(int16(kmsg.Produce), acknowledge(server))
	cfg := config.Default()
	cfg.Kafka.Brokers, cfg.Producer.Compression = []string{server.Addr()}, compression
	client, err := kafkaclient.New(cfg.Kafka, "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	p, err := publish.New(client, &cfg, &memory{}, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Run(ctx) // the end that is asked for
	}()
	defer func() {
		cancel()
		<-ended
	}()

	changes := wideRows(1000)
	lsn := change.LSN(1)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := cpuTime(b)
	for b.Loop() {
		lsn++
		for i := range changes {
			changes[i].Position = change.Position{Commit: lsn, Sequence: uint64(i + 1)}
			changes[i].Values[0] = change.IntegerValue(int64(lsn)*1000 + int64(i))
		}
		if err := p.Publish(ctx, changes); err != nil {
			b.Fatal(err)
		}
		p.Commit(lsn + 1)
	}
	if err := p.Flush(ctx); err != nil {
		b.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	n := float64(p.Stats().Records)
	b.ReportMetric(n/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric((cpuTime(b)-cpu).Seconds()/n*1e6, "CPU-s/M") // the broker's included
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/change")
	b.ReportMetric(float64(p.Stats().Bytes)/n, "bytes/change")
}

func acknowledge(server *broker.Broker) func(kmsg.Request) (kmsg.Response, error, bool) {
	return func(r kmsg.Request) (kmsg.Response, error, bool) {
		server.Cluster().KeepControl()
		req, ok := r.(*kmsg.ProduceRequest)
		if !ok {
			return nil, nil, false
		}
		resp, _ := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic = t.Topic
			for _, p := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.BaseOffset = p.Partition, -1 // it is kept nowhere
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	}
}

func wideRows(n int) []change.Change {
	r := &change.Relation{Schema: "public", Table: "wide", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
		{Name: "project_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "author_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "target_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "created_at", Type: change.TypeTimestampTZ, SourceType: "timestamptz"},
		{Name: "updated_at", Type: change.TypeTimestampTZ, SourceType: "timestamptz"},
		{Name: "action", Type: change.TypeInt16, SourceType: "smallint"},
		{Name: "target_type", Type: change.TypeText, SourceType: "text"},
		{Name: "note", Type: change.TypeText, SourceType: "text"},
	}}
	changes := make([]change.Change, n)
	for i := range changes {
		at := change.IntegerValue(1_700_000_000_000_000 + int64(i)*977)
		changes[i] = change.Change{
			Relation: r, Op: change.Insert, Version: change.Version(i), CommitTime: 1_700_000_000_000_000,
			Values: []change.Value{
				change.IntegerValue(0), change.IntegerValue(int64(i % 500)), change.IntegerValue(int64(i * 7919 % 10_000)),
				change.IntegerValue(int64(i) * 31), at, at, change.IntegerValue(int64(i % 12)),
				change.TextValue([]byte("MergeRequest")), change.TextValue([]byte(strings.Repeat("x", i%40))),
			},
		}
	}
	return changes
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
