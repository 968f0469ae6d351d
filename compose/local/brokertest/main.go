package brokertest

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/internal/testserver"
	"eventsync/compose/local/kafka"
)

// shared is the one Apache Kafka of this process.
var shared = testserver.New("Apache Kafka", "brokertest", func(ctx context.Context, dir string) (*kafka.Server, error) {
	return kafka.Start(ctx, kafka.Config{Dir: dir})
})

// Main is what TestMain of a package with broker tests calls. It runs the tests, stops Apache Kafka if one was started,
// and fails if goroutines are left. It does not return.
func Main(m testserver.Runner, ignore ...goleak.Option) { shared.Main(m, ignore...) }

// Around is for the Main of another shared server: it stops Apache Kafka too.
func Around(m testserver.Runner) testserver.Runner { return shared.Around(m) }

// NoLeak fails the test if it leaves goroutines behind, those of the shared Apache Kafka aside. It comes first in a test,
// before what must not leak: cleanups run in reverse. It is not for parallel tests, which would see each other's.
func NoLeak(t *testing.T, ignore ...goleak.Option) {
	t.Helper()
	const process = "eventsync/compose/local/process."
	ignore = append(ignore,
		goleak.IgnoreAnyFunction(process+"(*Process).own"),
		goleak.IgnoreAnyFunction(process+"capture"),
	)
	t.Cleanup(func() { goleak.VerifyNone(t, ignore...) })
}
