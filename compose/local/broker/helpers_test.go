package broker_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
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
	processtest.StopAtEnd(t, b)
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
