package broker_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"go.uber.org/goleak"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/process/processtest"
)

func TestMain(m *testing.M) {
	processtest.Main(m, map[string]func([]string) error{"broker": helpBroker})
}

// helpBroker runs a broker with a topic on the directory, says its address, and waits to be killed.
func helpBroker(args []string) error {
	b, err := broker.Start(context.Background(), broker.Config{Dir: args[0]})
	if err != nil {
		return err
	}
	if err := b.Cluster().CreateTopic("events", 1, nil); err != nil {
		return err
	}
	processtest.Say(b.Addr())
	processtest.UntilKilled()
	return nil
}

// start starts a broker that is stopped at the end of the test.
func start(t *testing.T, cfg broker.Config) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// noLeak comes before the start of what must not leak: cleanups run in reverse.
func noLeak(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
}

func connect(t *testing.T, b *broker.Broker) *kgo.Client {
	t.Helper()
	return dial(t, b.Addr())
}

func dial(t *testing.T, addr string) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(
		kgo.SeedBrokers(addr),
		kgo.DefaultProduceTopic("events"),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.MaxVersions(kversion.V3_7_0()), // later ones name topics by id in commits
	)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func commit(t *testing.T, client *kgo.Client, group, topic string, partition int32, offset int64, metadata string) {
	t.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.Generation = group, -1
	rt := kmsg.NewOffsetCommitRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewOffsetCommitRequestTopicPartition()
	rp.Partition, rp.Offset, rp.Metadata = partition, offset, &metadata
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	resp, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	if err := kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode); err != nil {
		t.Fatal(err)
	}
}

func committed(t *testing.T, client *kgo.Client, group, topic string, partition int32) (int64, string) {
	t.Helper()
	rt := kmsg.NewOffsetFetchRequestGroupTopic()
	rt.Topic, rt.Partitions = topic, []int32{partition}
	rg := kmsg.NewOffsetFetchRequestGroup()
	rg.Group, rg.Topics = group, []kmsg.OffsetFetchRequestGroupTopic{rt}
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
