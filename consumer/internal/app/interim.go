package app

import (
	"context"
	"errors"
	"time"

	"eventsync/pkg/change"
)

// What sink is about to do itself.
type interimTarget struct{}

func (interimTarget) Remembers(context.Context, time.Time) (bool, error) { return true, nil }

func (interimTarget) DeleteBelow(context.Context, change.Version) error {
	return errors.New("the source table was truncated: truncate the target by hand")
}
