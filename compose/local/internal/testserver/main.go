package testserver

import (
	"fmt"
	"io"
	"os"

	"go.uber.org/goleak"
)

// Runner runs a package's tests: a *testing.M, or what Around makes of one.
type Runner interface{ Run() int }

type runner func() int

func (r runner) Run() int { return r() }

// Main is the whole of a TestMain: it runs the tests, stops the server if it was started, and fails if goroutines are
// left. It does not return.
func (s *Shared[S]) Main(m Runner, ignore ...goleak.Option) {
	os.Exit(s.run(m.Run, os.Stderr, ignore...))
}

// Around runs m and stops the server, for the Main of another: a package's tests may share servers of several kinds.
func (s *Shared[S]) Around(m Runner) Runner {
	return runner(func() int { return s.around(m.Run, os.Stderr) })
}

// run is Main without its end. What it has to say goes to out, for which there is no test to say it.
func (s *Shared[S]) run(tests func() int, out io.Writer, ignore ...goleak.Option) int {
	code := s.around(tests, out)
	if code != 0 {
		return code // a test that failed may well have left goroutines: they are not the news
	}
	if err := goleak.Find(ignore...); err != nil {
		_, _ = fmt.Fprintf(out, "after all tests: %v\n", err)
		return 1
	}
	return 0
}

func (s *Shared[S]) around(tests func() int, out io.Writer) int {
	s.expect()
	code := tests()
	if err := s.stop(); err != nil {
		_, _ = fmt.Fprintf(out, "after all tests: %v\n", err)
		code = max(code, 1)
	}
	return code
}
