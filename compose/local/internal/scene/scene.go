package scene

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/jackc/pgx/v5"

	"eventsync/compose/local/programs"
	"eventsync/compose/local/stack"
	"eventsync/compose/local/workload"
)

// Config says what is brought up. Dir and Out are the only fields without a default.
type Config struct {
	// Dir keeps everything; what was brought up on it before is there again.
	Dir   string
	Ports stack.Ports
	// ApacheKafka runs Apache Kafka as the broker.
	ApacheKafka bool
	// Rows are in the events table before anything starts, and Scale is that of pgbench's tables, 1 where it is 0.
	Rows, Scale int
	Out         io.Writer
}

// Scene is what was brought up.
type Scene struct {
	Teller
	Fresh      bool // nothing was there before
	HasPgbench bool
	Stack      *stack.Stack
	Postgres   *pgx.Conn
	Click      *ch.Client
	Running    map[string]*programs.Program // by name
	Load       workload.Runner

	cfg      Config
	binaries programs.Binaries
	status   *statusFeed
}

// Open brings up all but the programs, behind a closed flag. The caller must Close it, whatever the error.
func Open(ctx context.Context, c Config) (*Scene, error) {
	s := &Scene{Teller: Teller{Out: c.Out}, cfg: c, Running: map[string]*programs.Program{}}
	return s, s.open(ctx)
}

func (s *Scene) open(ctx context.Context) (err error) {
	s.Say("building the producer and the consumer")
	if s.binaries, err = programs.Build(ctx, s.Path("bin")); err != nil {
		return err
	}
	s.Say("starting PostgreSQL, Kafka and ClickHouse in %s", s.cfg.Dir)
	log, err := os.OpenFile(s.Path("servers.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // G302: a log for everybody
	if err != nil {
		return err
	}
	if s.Stack, err = stack.Start(ctx, stack.Config{Dir: s.cfg.Dir, Ports: s.cfg.Ports, ApacheKafka: s.cfg.ApacheKafka, Log: log}); err != nil {
		return err
	}
	if s.Postgres, err = pgx.Connect(ctx, s.Stack.Postgres.DSN()); err != nil {
		return err
	}
	if s.Click, err = ch.Dial(ctx, ch.Options{Address: s.Stack.ClickHouse.Addr()}); err != nil {
		return err
	}
	s.Addresses()
	if err := s.createTables(ctx); err != nil {
		return err
	}
	return s.configure()
}

func (s *Scene) createTables(ctx context.Context) (err error) {
	s.Say("making GitLab's events, projects and namespaces: %s events", Count(int64(s.cfg.Rows)))
	if s.Fresh, err = workload.Create(ctx, s.Postgres, s.Click, s.cfg.Rows); err != nil {
		return err
	}
	if s.HasPgbench = s.Pgbench().Available(); !s.HasPgbench {
		s.Say("this PostgreSQL comes without pgbench: its tables are left out; install PostgreSQL to have them")
		return nil
	}
	if s.Fresh {
		return s.Pgbench().Init(ctx, max(s.cfg.Scale, 1))
	}
	return nil
}

// configure writes the config and, unless there is one, the closed flag.
func (s *Scene) configure() error {
	err := s.Files().WriteConfig(workload.Addresses{Postgres: s.Stack.Postgres.DSN(), Kafka: s.Stack.Broker.Addr(), ClickHouse: s.Stack.ClickHouse.Addr()}, s.HasPgbench)
	if err != nil || !s.Fresh {
		return err
	}
	return s.Files().SetFlag(false)
}

// Path is that of a file in the scene's folder.
func (s *Scene) Path(name string) string { return filepath.Join(s.cfg.Dir, name) }

// Files are the config and the flag.
func (s *Scene) Files() workload.Files { return workload.In(s.cfg.Dir) }

// Pgbench is the client that changes its own tables.
func (s *Scene) Pgbench() workload.Pgbench {
	return workload.Pgbench{Server: s.Stack.Postgres, Dir: s.cfg.Dir}
}

// Addresses tells where everything is.
func (s *Scene) Addresses() {
	s.Say("  PostgreSQL  psql '%s'", s.Stack.Postgres.DSN())
	s.Say("  Kafka       %s", s.Stack.Broker.Addr())
	s.Say("  ClickHouse  clickhouse-client --host 127.0.0.1 --port %s   (native protocol, any user)", port(s.Stack.ClickHouse.Addr()))
	s.Say("  logs        %s", s.Path("*.log"))
}

func port(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// stopTimeout bounds the end.
const stopTimeout = time.Minute

// Close ends what runs, also where ctx has ended.
func (s *Scene) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	s.Say("stopping")
	var errs []error
	if _, err := s.Load.Stop(); err != nil {
		errs = append(errs, err)
	}
	errs = append(errs, s.stopPrograms(ctx))
	if s.Postgres != nil {
		errs = append(errs, s.Postgres.Close(ctx))
	}
	if s.Click != nil {
		errs = append(errs, s.Click.Close())
	}
	if s.Stack != nil {
		errs = append(errs, s.Stack.Stop(ctx))
	}
	return errors.Join(errs...)
}
