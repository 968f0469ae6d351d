package clickhouse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"

	"eventsync/compose/local/clickhouse/internal/report"
	"eventsync/compose/local/process"
)

// Start starts a server and waits until it is ready. Afterwards ctx has no say: the server runs until Stop or Kill, or
// until this process ends, in whatever way.
func Start(ctx context.Context, config Config) (*Server, error) {
	config, err := config.complete(ctx)
	if err != nil {
		return nil, err
	}
	name, args := config.command()
	said := newFirstLine()
	proc, err := process.Start(process.Config{
		Name: "ClickHouse", Path: name, Args: args, Log: config.Log, Stdout: said,
		// The end of its input is how it is asked to stop. A signal after that is how its user says not to wait for it: it
		// would end it at once, and pass for the stop that was asked for.
		HoldStdin: true, StopSignals: []syscall.Signal{}, Grace: stopGrace,
	})
	if err != nil {
		return nil, err
	}
	ready, err := awaitReport(ctx, proc, said)
	if err != nil {
		return nil, fmt.Errorf("start ClickHouse on %s: %w", config.Dir, errors.Join(err, proc.Kill()))
	}
	return &Server{addr: ready.Addr, version: ready.Version, proc: proc}, nil
}

// awaitReport waits for the child's report.
func awaitReport(ctx context.Context, proc *process.Process, said *firstLine) (report.Report, error) {
	select {
	case <-said.whole:
	case <-proc.Done():
		select {
		case <-said.whole: // it has said why
		default:
			return report.Report{}, fmt.Errorf("it ended before it was ready: %w", proc.EndedEarly())
		}
	case <-ctx.Done():
		return report.Report{}, fmt.Errorf("it was not ready in time: %w", context.Cause(ctx))
	}
	return report.Read(bytes.NewReader(said.line))
}

// firstLine keeps the first line that is written to it, to be read once whole is closed.
type firstLine struct {
	line  []byte
	whole chan struct{}
}

func newFirstLine() *firstLine { return &firstLine{whole: make(chan struct{})} }

func (l *firstLine) Write(b []byte) (int, error) {
	select {
	case <-l.whole:
		return len(b), nil
	default:
	}
	line, _, ended := bytes.Cut(b, []byte("\n"))
	l.line = append(l.line, line...)
	if ended {
		close(l.whole)
	}
	return len(b), nil
}
