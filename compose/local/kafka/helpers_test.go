package kafka_test

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
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
	processtest.StopAtEnd(t, s)
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
