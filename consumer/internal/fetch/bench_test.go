package fetch_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"

	"eventsync/compose/local/broker"
	"eventsync/consumer/internal/fetch"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// BenchmarkRead reads records of 200 bytes, a tenth of them random, off a broker that has nothing else to do.
func BenchmarkRead(b *testing.B) {
	for name, codec := range map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()} {
		b.Run(name, func(b *testing.B) {
			server, err := broker.Start(b.Context(), broker.Config{Options: []kfake.Opt{
				kfake.SeedTopics(1, "events"),
				kfake.SyntheticFetch(kfake.SyntheticBatch{Records: 4000, RecordBytes: 200, RandomFrac: 0.1, Compression: codec}),
			}})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = server.Stop(context.Background()) }()
			client, err := kafkaclient.New(config.Kafka{Brokers: []string{server.Addr()}}, "bench")
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			r := fetch.NewFactory(client, zap.NewNop()).Open("events", 0, 0)
			defer r.Close()
			n, before, after := 0, runtime.MemStats{}, runtime.MemStats{}
			for range 20 { // until the buffers have their size
				if _, err := r.Read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			runtime.ReadMemStats(&before)
			for b.Loop() {
				records, err := r.Read(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				n += len(records)
			}
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(n), "allocs/record") // the broker's included
		})
	}
}
