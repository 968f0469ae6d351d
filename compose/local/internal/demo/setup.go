package demo

import (
	"context"
	"errors"
	"fmt"
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

// demo is one play of the story.
type demo struct {
	Options
	fresh      bool // nothing was there before
	hasPgbench bool
	stack      *stack.Stack
	pg         *pgx.Conn
	click      *ch.Client
	binaries   programs.Binaries
	running    map[string]*programs.Program // by name
	load       workload.Runner
	status     *statusFeed
}

func (d *demo) path(name string) string { return filepath.Join(d.Dir, name) }

// setup brings everything up to the moment when the producer and two consumers run behind a closed gate.
func (d *demo) setup(ctx context.Context) error {
	d.say("building the producer and the consumer")
	var err error
	if d.binaries, err = programs.Build(ctx, d.path("bin")); err != nil {
		return err
	}
	d.say("starting PostgreSQL, Kafka and ClickHouse in %s", d.Dir)
	log, err := os.OpenFile(d.path("servers.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // G302: a log for everybody
	if err != nil {
		return err
	}
	if d.stack, err = stack.Start(ctx, stack.Config{Dir: d.Dir, Ports: d.Ports, ApacheKafka: d.ApacheKafka, Log: log}); err != nil {
		return err
	}
	if err := d.connect(ctx); err != nil {
		return err
	}
	d.addresses()
	d.say("making GitLab's events, projects and namespaces: %s events", count(int64(d.Rows)))
	if d.fresh, err = workload.Create(ctx, d.pg, d.click, d.Rows); err != nil {
		return err
	}
	if d.hasPgbench = d.pgbenchClient().Available(); !d.hasPgbench {
		d.say("this PostgreSQL comes without pgbench: its tables are left out; install PostgreSQL to have them")
	} else if d.fresh {
		if err := d.pgbenchClient().Init(ctx, 1); err != nil {
			return err
		}
	}
	if err := d.configure(); err != nil {
		return err
	}
	d.load.Start(d.stack.Postgres.DSN(), d.Rate)
	d.say("starting one producer and two consumers; a load changes about %s rows a second", count(int64(d.Rate)))
	d.running = map[string]*programs.Program{}
	for _, name := range programNames {
		if err := d.start(name); err != nil {
			return err
		}
	}
	d.status, err = watchStatus(ctx, d.binaries.Consumer, d.files().Config)
	return err
}

// programNames are in the order in which rows flow.
var programNames = []string{"producer", "consumer-1", "consumer-2"}

// start starts a program of which no other runs.
func (d *demo) start(name string) error {
	binary := d.binaries.Consumer
	if name == "producer" {
		binary = d.binaries.Producer
	}
	p, err := programs.Run(binary, name, d.files().Config, d.path(name+".log"))
	if err != nil {
		return err
	}
	d.running[name] = p
	return nil
}

func (d *demo) pgbenchClient() workload.Pgbench {
	return workload.Pgbench{Server: d.stack.Postgres, Dir: d.Dir}
}

func (d *demo) connect(ctx context.Context) (err error) {
	if d.pg, err = pgx.Connect(ctx, d.stack.Postgres.DSN()); err != nil {
		return err
	}
	d.click, err = ch.Dial(ctx, ch.Options{Address: d.stack.ClickHouse.Addr()})
	return err
}

// configure writes the config and, unless there is one, the closed flag.
func (d *demo) configure() error {
	err := d.files().WriteConfig(workload.Addresses{Postgres: d.stack.Postgres.DSN(), Kafka: d.stack.Broker.Addr(), ClickHouse: d.stack.ClickHouse.Addr()}, d.hasPgbench)
	if err != nil || !d.fresh {
		return err
	}
	return d.files().SetFlag(false)
}

func (d *demo) files() workload.Files { return workload.In(d.Dir) }

func (d *demo) addresses() {
	d.say("  PostgreSQL  psql '%s'", d.stack.Postgres.DSN())
	d.say("  Kafka       %s", d.stack.Broker.Addr())
	d.say("  ClickHouse  clickhouse-client --host 127.0.0.1 --port %s   (native protocol, any user)", port(d.stack.ClickHouse.Addr()))
	d.say("  logs        %s", d.path("*.log"))
}

func port(addr string) string { return addr[strings.LastIndexByte(addr, ':')+1:] }

// stop ends what runs, in the order in which rows flow.
func (d *demo) stop(ctx context.Context) error {
	var errs []error
	if _, err := d.load.Stop(); err != nil {
		errs = append(errs, err)
	}
	if d.status != nil {
		d.status.stop()
	}
	for _, name := range programNames {
		if p := d.running[name]; p != nil {
			if err := p.Stop(ctx); err != nil {
				errs = append(errs, fmt.Errorf("%w; its log is %s", err, p.LogFile))
			}
		}
	}
	if d.pg != nil {
		errs = append(errs, d.pg.Close(ctx))
	}
	if d.click != nil {
		errs = append(errs, d.click.Close())
	}
	if d.stack != nil {
		errs = append(errs, d.stack.Stop(ctx))
	}
	return errors.Join(errs...)
}

// died says which program has ended by itself.
func (d *demo) died() error {
	for _, p := range d.running {
		select {
		case <-p.Done():
			return fmt.Errorf("%w; its log is %s", p.Err(), p.LogFile)
		default:
		}
	}
	return nil
}

const refresh = 500 * time.Millisecond
