package brokertest

import (
	"fmt"
	"io"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Main is what TestMain of a package with broker tests calls. It runs the tests, stops Apache Kafka if one was started,
// and fails if goroutines are left. It does not return.
func Main(m *testing.M, ignore ...goleak.Option) {
	os.Exit(run(&shared, m.Run, os.Stderr, ignore...))
}

// run is Main without its end. What it has to say goes to out, for which there is no test to say it.
func run(kafka *kafkaOnce, tests func() int, out io.Writer, ignore ...goleak.Option) int {
	kafka.expect()
	code := tests()
	if err := kafka.stop(); err != nil {
		_, _ = fmt.Fprintf(out, "brokertest: %v\n", err)
		code = max(code, 1)
	}
	if code != 0 {
		return code // a test that failed may well have left goroutines: they are not the news
	}
	if err := goleak.Find(ignore...); err != nil {
		_, _ = fmt.Fprintf(out, "brokertest: after all tests: %v\n", err)
		return 1
	}
	return 0
}

// NoLeak fails the test if it leaves goroutines behind, those of the shared Apache Kafka aside. It comes first in a test,
// before what must not leak: cleanups run in reverse. It is not for parallel tests, which would see each other's.
func NoLeak(t *testing.T, ignore ...goleak.Option) {
	t.Helper()
	const process = "eventsync/compose/local/process.(*Process)."
	ignore = append(ignore,
		goleak.IgnoreAnyFunction(process+"own"),
		goleak.IgnoreAnyFunction(process+"capture"),
	)
	t.Cleanup(func() { goleak.VerifyNone(t, ignore...) })
}
