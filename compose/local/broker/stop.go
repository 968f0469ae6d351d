package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kfake"
)

// Stop ends the broker, with all that was acknowledged on disk if it has a directory. A request held up by a control
// function holds this up too, until ctx is done.
func (b *Broker) Stop(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.stop(ctx); err != nil {
		return fmt.Errorf("stop the broker: %w", err)
	}
	return nil
}

// Restart stops the broker if it runs, and starts it with the same address and directory.
func (b *Broker) Restart(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.stop(ctx); err != nil {
		return fmt.Errorf("restart the broker: %w", err)
	}
	if err := b.launch(ctx); err != nil {
		return fmt.Errorf("restart the broker: %w", err)
	}
	return nil
}

func (b *Broker) stop(ctx context.Context) error {
	if b.cluster == nil {
		return nil
	}
	if b.closing == nil {
		b.closing = make(chan struct{})
		go func(cluster *kfake.Cluster, closed chan<- struct{}) {
			defer close(closed)
			cluster.Close()
		}(b.cluster, b.closing)
	}
	select {
	case <-b.closing:
	case <-ctx.Done():
		return fmt.Errorf("it still handles a request (does a control function wait?): %w", context.Cause(ctx))
	}
	b.closing = nil
	b.cluster = nil
	b.conns.cut()
	return errors.Join(b.log.takeError(), b.unlockDir())
}

// Disconnect cuts all connections. Clients may connect again at once.
func (b *Broker) Disconnect() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.conns.cut()
}
