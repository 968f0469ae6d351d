package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"eventsync/compose/local/clickhouse/internal/chdb"
	"eventsync/compose/local/clickhouse/internal/gateway"
	"eventsync/compose/local/clickhouse/internal/report"
	"eventsync/compose/local/process/filelock"
)

// run serves until ctx ends.
func run(ctx context.Context, o options, stdout io.Writer, log *zap.Logger) (err error) {
	start := time.Now()
	dir, lock, err := prepare(o.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	listener, err := gateway.Listen(ctx, o.addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	library, err := chdb.Load(o.library)
	if err != nil {
		return err
	}
	server, err := gateway.New(gateway.Config{
		Engine: engine{library, dir}, Log: log, MaxInsertBytes: o.maxInsertBytes,
	})
	if err != nil {
		return fmt.Errorf("start the ClickHouse engine on %s: %w", dir, err)
	}
	log.Info("ClickHouse is ready", zap.Stringer("addr", listener.Addr()), zap.String("dir", dir),
		zap.String("version", server.Version()), zap.Duration("after", time.Since(start)))
	if err := report.Write(stdout, report.Report{Addr: listener.Addr().String(), Version: server.Version()}); err != nil {
		return err
	}
	err = serve(ctx, server, listener)
	drained, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.drain)
	defer cancel()
	server.Shutdown(drained)
	log.Info("ClickHouse has stopped", zap.Error(err))
	return err
}

// prepare makes the data directory ready, and ours alone.
func prepare(path string) (dir string, lock *filelock.Lock, err error) {
	if dir, err = filepath.Abs(path); err != nil {
		return "", nil, fmt.Errorf("data directory %s: %w", path, err)
	}
	// Without metadata in it the engine's first start never begins its table cleaner, and DROP ... SYNC hangs.
	if err := os.MkdirAll(filepath.Join(dir, "metadata"), 0o750); err != nil {
		return "", nil, fmt.Errorf("make the data directory: %w", err)
	}
	lock, err = filelock.Try(filepath.Join(dir, "gateway.lock"))
	if errors.Is(err, filelock.ErrHeld) {
		return "", nil, fmt.Errorf("data directory %s is another gateway's: stop that, or give another directory: %w", dir, err)
	}
	return dir, lock, err
}

func serve(ctx context.Context, server *gateway.Server, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		if err := listener.Close(); err != nil {
			return fmt.Errorf("stop listening: %w", err)
		}
		return <-served
	}
}
