package replication

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"
)

// Check says what would keep Run from replicating, and changes nothing. What Run would create is no finding, nor is a
// slot that another producer has.
func Check(ctx context.Context, cfg Config, log *zap.Logger) error {
	r, err := New(cfg, nil, nil, log)
	if err != nil {
		return err
	}
	defer r.close()
	conn, err := r.control.Conn(ctx)
	if err != nil {
		return err
	}
	server, verifyErr := verifyServer(ctx, conn)
	if server == nil {
		return verifyErr
	}
	r.server = server
	replication, err := r.connectReplication(ctx)
	if err != nil {
		return err
	}
	if err := replication.Close(ctx); err != nil {
		return fmt.Errorf("close the replication connection: %w", err)
	}
	findings := []error{verifyErr}
	_, err = r.describeTables(ctx, conn)
	findings = append(findings, err)
	if _, err := r.findSlot(ctx, conn); !errors.Is(err, ErrSlotBusy) {
		findings = append(findings, err)
	}
	keyed, appended := r.publications()
	for _, p := range []publication{keyed, appended} {
		_, err := p.verify(ctx, conn)
		findings = append(findings, err)
	}
	return errors.Join(append(findings, r.verifySeparate(ctx, conn, keyed.name, appended.tables))...)
}
