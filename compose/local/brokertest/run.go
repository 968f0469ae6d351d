package brokertest

import (
	"os"
	"testing"

	"eventsync/compose/local/broker"
	"eventsync/compose/local/process/processtest"
)

// Broker is what a test runs against.
type Broker struct {
	Addr string
	Kind Kind

	// Fake is the in-process broker, for tests that have its requests fail; nil with Apache Kafka.
	Fake *broker.Broker
}

// Run runs the test as a subtest for each broker that is asked for.
func Run(t *testing.T, test func(t *testing.T, b *Broker)) {
	t.Helper()
	kinds, err := kinds(os.Getenv(Env))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			if kind == Kafka {
				test(t, useKafka(t))
				return
			}
			test(t, startFake(t))
		})
	}
}

func startFake(t *testing.T) *Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Config{})
	if err != nil {
		t.Fatal(err)
	}
	processtest.StopAtEnd(t, b)
	return &Broker{Addr: b.Addr(), Kind: Fake, Fake: b}
}

func useKafka(t *testing.T) *Broker {
	t.Helper()
	NeedsKafka(t)
	return &Broker{Addr: shared.Get(t).Addr(), Kind: Kafka}
}
