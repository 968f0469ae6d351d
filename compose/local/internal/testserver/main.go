package testserver

import (
	"fmt"
	"io"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Main is the whole of a TestMain: it runs the tests, stops the server if it was started, and fails if goroutines are
// left. It does not return.
func (s *Shared[S]) Main(m *testing.M, ignore ...goleak.Option) {
	os.Exit(s.run(m.Run, os.Stderr, ignore...))
}

// run is Main without its end. What it has to say goes to out, for which there is no test to say it.
func (s *Shared[S]) run(tests func() int, out io.Writer, ignore ...goleak.Option) int {
	s.expect()
	code := tests()
	if err := s.stop(); err != nil {
		_, _ = fmt.Fprintf(out, "after all tests: %v\n", err)
		code = max(code, 1)
	}
	if code != 0 {
		return code // a test that failed may well have left goroutines: they are not the news
	}
	if err := goleak.Find(ignore...); err != nil {
		_, _ = fmt.Fprintf(out, "after all tests: %v\n", err)
		return 1
	}
	return 0
}
