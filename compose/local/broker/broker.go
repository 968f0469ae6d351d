package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/filelock"
)

// Broker is a running cluster, of one broker unless more were asked for. Its methods may be called from any goroutine.
type Broker struct {
	cfg   Config
	ports []int
	log   *logger

	mu      sync.Mutex
	cluster *kfake.Cluster // nil when stopped
	lock    *filelock.Lock // on the directory; nil without one
	closing chan struct{}  // closed once the cluster is; nil while it is not being stopped
	conns   *connections
}

// Start starts a cluster. The caller must Stop it.
func Start(ctx context.Context, cfg Config) (*Broker, error) {
	const tries = 5 // for ports that were free a moment ago; process.OnPort is for a server with one
	for try := 1; ; try++ {
		full, ports, err := cfg.withDefaults()
		if err != nil {
			return nil, fmt.Errorf("start the broker: %w", err)
		}
		b := &Broker{cfg: full, ports: ports, log: newLogger(full)}
		switch err := b.launch(ctx); {
		case err == nil:
			return b, nil
		case errors.Is(err, process.ErrPortTaken) && !cfg.fixed() && try < tries:
		default:
			return nil, fmt.Errorf("start the broker: %w", err)
		}
	}
}

func (b *Broker) launch(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	b.conns = &connections{}
	opts := []kfake.Opt{
		kfake.Ports(b.ports...),
		kfake.ListenFn(b.conns.listen),
		kfake.WithLogger(b.log),
		kfake.BrokerConfigs(b.cfg.Settings),
		kfake.DefaultNumPartitions(1), // as Apache Kafka does
	}
	if b.cfg.Durable {
		opts = append(opts, kfake.SyncWrites())
	}
	if b.cfg.Dir != "" {
		if err := b.lockDir(); err != nil {
			return err
		}
		opts = append(opts, kfake.DataDir(filepath.Join(b.cfg.Dir, "data")))
	}
	cluster, err := kfake.NewCluster(append(opts, b.cfg.Options...)...)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			err = fmt.Errorf("%w: %w; choose another address, or stop what listens there", process.ErrPortTaken, err)
		}
		return errors.Join(err, b.unlockDir())
	}
	b.cluster = cluster
	return nil
}

// lockDir keeps a second broker off the directory, where both would write the same files.
func (b *Broker) lockDir() (err error) {
	if err := os.MkdirAll(b.cfg.Dir, 0o750); err != nil {
		return fmt.Errorf("make its directory: %w", err)
	}
	b.lock, err = filelock.Try(filepath.Join(b.cfg.Dir, "lock"))
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("another broker runs on %s: stop it, or use another directory: %w", b.cfg.Dir, err)
	}
	return err
}

func (b *Broker) unlockDir() error {
	if b.lock == nil {
		return nil
	}
	defer func() { b.lock = nil }()
	return b.lock.Release()
}

// Addr is where clients find the cluster: the first broker's address. It stays the same through restarts of this Broker.
func (b *Broker) Addr() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(b.ports[0]))
}

// Cluster is kfake's own handle, nil when stopped. ControlKey and Fault make requests fail. It changes with a restart.
func (b *Broker) Cluster() *kfake.Cluster {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cluster
}
