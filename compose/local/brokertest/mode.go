package brokertest

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"eventsync/compose/local/kafka"
)

// Env is the environment variable that chooses the brokers.
const Env = "EVENTSYNC_KAFKA"

// Kind is what a broker is.
type Kind string

// The kinds of brokers, which are also the names of the subtests that Run makes.
const (
	Fake  Kind = "kfake"
	Kafka Kind = "kafka"
)

// kinds are the brokers that tests are to run against.
func kinds(mode string) ([]Kind, error) {
	switch mode {
	case "", "auto":
		return []Kind{Fake}, nil
	case "real":
		return []Kind{Kafka}, nil
	case "both":
		return []Kind{Fake, Kafka}, nil
	}
	return nil, fmt.Errorf("%s=%s: it must be auto, real or both", Env, mode)
}

// NeedsKafka skips a test unless Apache Kafka is asked for and can run here. One that is asked for and cannot run fails the
// test in CI. It is for tests that start brokers of their own; Run sees to it for the others.
func NeedsKafka(t *testing.T) {
	t.Helper()
	mode := os.Getenv(Env)
	kinds, err := kinds(mode)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(kinds, Kafka) {
		t.Skipf("it needs Apache Kafka, which takes seconds to start: set %s=real", Env)
	}
	if err := kafka.Available(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("Apache Kafka was asked for (%s=%s): %v", Env, mode, err)
		}
		t.Skipf("NOT TESTED against Apache Kafka, which was asked for (%s=%s): %v", Env, mode, err)
	}
}
