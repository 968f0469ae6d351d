package process

import (
	"context"
	"fmt"
)

// Run runs a child to its end, or kills it when ctx is done first. The error holds the child's last lines.
func Run(ctx context.Context, cfg Config) error {
	p, err := Start(cfg)
	if err != nil {
		return err
	}
	select {
	case <-p.Done():
		return p.Err()
	case <-ctx.Done():
	}
	if err := p.Kill(); err != nil {
		return err
	}
	return fmt.Errorf("%s did not finish in time: %w%s", p.cfg.Name, context.Cause(ctx), p.tail.quote())
}
