package kafka

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"eventsync/compose/local/process"
)

// awaitReady returns when the broker says that it has started and consumer groups are served. The topic that keeps their
// offsets is made when first asked for; asked for here, it is there before a client would have to try again.
func awaitReady(ctx context.Context, proc *process.Process, started *watcher, addr string) error {
	select {
	case <-started.seen:
	case <-proc.Done():
		return proc.EndedEarly()
	case <-ctx.Done():
		return late(ctx, proc)
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return fmt.Errorf("make a client to see whether it serves groups: %w", err)
	}
	defer client.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := findCoordinator(ctx, client)
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-proc.Done():
			return proc.EndedEarly()
		case <-ctx.Done():
			return fmt.Errorf("%w; it does not serve groups: %w", late(ctx, proc), err)
		}
	}
}

func late(ctx context.Context, proc *process.Process) error {
	return fmt.Errorf("%w; its log ends:\n%s", context.Cause(ctx), strings.TrimSpace(proc.Tail()))
}

func findCoordinator(ctx context.Context, client *kgo.Client) error {
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorKey, req.CoordinatorKeys = "ready", []string{"ready"}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return err
	}
	for _, c := range resp.Coordinators {
		if err := kerr.ErrorForCode(c.ErrorCode); err != nil {
			return err
		}
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// explain adds to the error of a failed start what can be done about it.
func (s *Server) explain(err error, proc *process.Process) error {
	if strings.Contains(proc.Tail(), "Address already in use") {
		return fmt.Errorf("port %d: %w: choose another, or stop what listens there: %w", s.port, process.ErrPortTaken, err)
	}
	return err
}
