package soak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"eventsync/compose/local/internal/scene"
	"eventsync/compose/local/workload"
)

// Options say how long, and how much.
type Options struct {
	// Dir keeps everything, and must be empty.
	Dir string
	// For is how long the load lasts.
	For time.Duration
	// Scale is pgbench's: 100,000 accounts each. Rows are in the events table before anything starts, and Rate is how
	// many of them change in a second.
	Scale, Rows, Rate int
	// ApacheKafka runs Apache Kafka as the broker.
	ApacheKafka bool
	Out         io.Writer
}

const (
	// patience is how long what was changed may take to arrive after the load's end.
	patience = 5 * time.Minute
	tick     = 500 * time.Millisecond
)

var (
	errPgbench = errors.New("this PostgreSQL comes without pgbench: install PostgreSQL")
	errUsed    = errors.New("something was brought up here before: give an empty folder")
)

// soak is one run.
type soak struct {
	*scene.Scene
	options Options
	began   time.Time
	samples []sample
	memory  memory
	wal     wal
}

// Run runs, and gives an error unless everything promised was so.
func Run(ctx context.Context, o Options) (err error) {
	opened, err := scene.Open(ctx, scene.Config{Dir: o.Dir, ApacheKafka: o.ApacheKafka, Rows: o.Rows, Scale: o.Scale, Out: o.Out})
	s := &soak{Scene: opened, options: o}
	defer func() { err = errors.Join(err, s.Close(ctx)) }()
	if err != nil {
		return err
	}
	if !s.HasPgbench {
		return errPgbench
	}
	if !s.Fresh {
		return errUsed
	}
	for _, part := range []func(context.Context) error{s.start, s.load, s.settle, s.judge} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// start begins with everything of the snapshot in ClickHouse.
func (s *soak) start(ctx context.Context) error {
	if err := s.Files().SetFlag(true); err != nil {
		return err
	}
	s.Say("starting one producer and two consumers; waiting for the snapshot")
	if err := s.StartPrograms(ctx); err != nil {
		return err
	}
	return s.arrive(ctx)
}

// load runs pgbench for the time, and watches.
func (s *soak) load(ctx context.Context) error {
	s.Say("pgbench at full speed for %v, and %s changes of events a second beside it", s.options.For, scene.Count(int64(s.options.Rate)))
	s.Load.Start(s.Stack.Postgres.DSN(), s.options.Rate)
	s.began = time.Now()
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	over, watched := make(chan struct{}), make(chan error, 1)
	go func() {
		err := s.watch(ctx, over)
		if err != nil {
			cancel()
		}
		watched <- err
	}()
	report, err := s.Pgbench().Mixed(running, s.options.For)
	close(over)
	if failed := <-watched; failed != nil { // it came first
		return failed
	}
	if err != nil {
		return err
	}
	changes, err := s.Load.Stop()
	if err != nil {
		return err
	}
	s.Say("the load has ended, after %s changes of events; pgbench says:", scene.Count(changes))
	for line := range strings.Lines(report) {
		if strings.HasPrefix(line, "number of transactions actually") || strings.HasPrefix(line, "tps") || strings.HasPrefix(line, "latency average") {
			s.Say("  %s", strings.TrimSpace(line))
		}
	}
	return nil
}

// watch looks again and again until the load is over. It is not interrupted by that: a client of either database that
// is interrupted is of no use any more.
func (s *soak) watch(ctx context.Context, over <-chan struct{}) error {
	looks, lines := min(5*time.Second, max(tick, s.options.For/300)), min(30*time.Second, s.options.For/6)
	look, line := time.NewTicker(looks), time.NewTicker(lines)
	defer look.Stop()
	defer line.Stop()
	for {
		select {
		case <-over:
			return nil
		case <-look.C:
			if err := errors.Join(s.Died(), s.memory.look(time.Since(s.began), s.Running), enoughRoom(s.options.Dir)); err != nil {
				return err
			}
		case <-line.C:
			now, err := s.sample(ctx)
			if err != nil {
				return err
			}
			s.Say("%s", s.line(now))
			s.samples = append(s.samples, now)
		}
	}
}

// settle waits until everything has arrived, and the slot has let go of the log.
func (s *soak) settle(ctx context.Context) error {
	began := time.Now()
	if err := s.Postgres.QueryRow(ctx, "SELECT pg_current_wal_insert_lsn()::text").Scan(&s.wal.loadEnd); err != nil {
		return err
	}
	if err := s.arrive(ctx); err != nil {
		return err
	}
	s.Say("the last change arrived %.1f s later", time.Since(began).Seconds())
	return s.until(ctx, "the slot to let go of the log", s.released)
}

func (s *soak) arrive(ctx context.Context) error {
	arrived, err := s.Arrived(ctx)
	if err != nil {
		return err
	}
	return s.until(ctx, "the last changes to arrive", arrived)
}

// until waits for a state, with patience.
func (s *soak) until(ctx context.Context, what string, reached func(context.Context) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("gave up waiting for %s after %v; the logs are %s", what, patience, s.Path("*.log")))
	defer cancel()
	for again := time.NewTicker(tick); ; {
		ok, err := reached(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		case ok:
			return nil
		}
		if err := s.Died(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// judge compares all tables and says the rest.
func (s *soak) judge(ctx context.Context) error {
	s.Say("comparing")
	return errors.Join(
		s.Compare(ctx, workload.Tables(true)),
		s.summary(ctx),
		s.judgeMemory(),
		s.judgeWAL(),
		s.judgeLogs(),
	)
}
