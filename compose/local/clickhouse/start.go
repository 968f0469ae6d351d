package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"

	"eventsync/compose/local/clickhouse/internal/report"
)

// Start starts a server and waits until it is ready. Afterwards ctx has no say: the server runs until Stop or Kill, or
// until this process ends, in whatever way.
func Start(ctx context.Context, config Config) (*Server, error) {
	config, err := config.complete(ctx)
	if err != nil {
		return nil, err
	}
	s, stdout, err := spawn(config)
	if err != nil {
		return nil, fmt.Errorf("start ClickHouse: %w", err)
	}
	ready, err := s.awaitReport(ctx, stdout)
	if err != nil {
		s.Kill()
		return nil, fmt.Errorf("start ClickHouse on %s: %w", config.Dir, err)
	}
	s.addr, s.version = ready.Addr, ready.Version
	return s, nil
}

// spawn starts the child.
func spawn(config Config) (*Server, io.Reader, error) {
	name, args := config.command()
	// Not with the context of Start, which the child outlives.
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Stderr = config.Log
	// A group of its own: Ctrl-C at the terminal is for the parent, which stops its children in order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = killDelay
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	return &Server{process: cmd.Process, lifeline: lifeline, cmd: cmd, exited: make(chan struct{})}, stdout, nil
}

// awaitReport reads the child's report, and begins to wait for the child's end.
func (s *Server) awaitReport(ctx context.Context, stdout io.Reader) (report.Report, error) {
	type answer struct {
		report.Report
		err error
	}
	answered := make(chan answer, 1)
	go func() {
		r, err := report.Read(stdout)
		answered <- answer{r, err}
		_, _ = io.Copy(io.Discard, stdout) // Wait closes the pipe: read it out before
		s.reap()
	}()
	select {
	case a := <-answered:
		if errors.Is(a.err, io.EOF) {
			<-s.exited
			return a.Report, fmt.Errorf("it ended before it was ready (%v); Config.Log has its last words", s.cmd.ProcessState)
		}
		return a.Report, a.err
	case <-ctx.Done():
		return report.Report{}, fmt.Errorf("it was not ready in time: %w", ctx.Err())
	}
}
