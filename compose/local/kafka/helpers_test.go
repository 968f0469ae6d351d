package kafka_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"go.uber.org/goleak"

	"eventsync/compose/local/kafka"
	"eventsync/compose/local/process/processtest"
)

func TestMain(m *testing.M) {
	processtest.Main(m, map[string]func([]string) error{"broker": helpBroker})
}

// helpBroker runs a broker on the directory, says its address, and waits to be killed.
func helpBroker(args []string) error {
	s, err := kafka.Start(context.Background(), kafka.Config{Dir: args[0]})
	if err != nil {
		return err
	}
	processtest.Say(s.Addr())
	processtest.UntilKilled()
	return nil
}

// start starts a broker that is stopped at the end of the test, and must leave no goroutine.
func start(t *testing.T, cfg kafka.Config) *kafka.Server {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	s, err := kafka.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func connect(t *testing.T, addr string) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(addr),
		kgo.DefaultProduceTopic("events"),
		kgo.AllowAutoTopicCreation(),
		kgo.MaxVersions(kversion.V3_7_0()), // later ones name topics by id in commits
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func produce(t *testing.T, client *kgo.Client) int64 {
	t.Helper()
	r, err := client.ProduceSync(t.Context(), &kgo.Record{Value: []byte("v")}).First()
	if err != nil {
		t.Fatal(err)
	}
	return r.Offset
}

func commit(t *testing.T, client *kgo.Client, offset int64, metadata string) {
	t.Helper()
	rp := kmsg.NewOffsetCommitRequestTopicPartition()
	rp.Offset, rp.Metadata = offset, &metadata
	rt := kmsg.NewOffsetCommitRequestTopic()
	rt.Topic, rt.Partitions = "events", append(rt.Partitions, rp)
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation, req.Topics = "readers", -1, append(req.Topics, rt)
	resp, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if err := kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode); err != nil {
		t.Fatal(err)
	}
}

func committed(t *testing.T, client *kgo.Client) (int64, string) {
	t.Helper()
	rt := kmsg.NewOffsetFetchRequestGroupTopic()
	rt.Topic, rt.Partitions = "events", []int32{0}
	rg := kmsg.NewOffsetFetchRequestGroup()
	rg.Group, rg.Topics = "readers", append(rg.Topics, rt)
	req := kmsg.NewPtrOffsetFetchRequest()
	req.Groups = append(req.Groups, rg)
	resp, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	p := resp.Groups[0].Topics[0].Partitions[0]
	if p.Metadata == nil {
		return p.Offset, ""
	}
	return p.Offset, *p.Metadata
}
