package app

import (
	"context"
	"errors"
	"time"

	"eventsync/consumer/internal/partition"
	"eventsync/pkg/change"
)

// What sink and deadletter are about to do themselves.
type interimTarget struct{}

func (interimTarget) Remembers(context.Context, time.Time) (bool, error) { return true, nil }

func (interimTarget) DeleteBelow(context.Context, change.Version) error {
	return errors.New("the source table was truncated: truncate the target by hand")
}

type interimLetters struct{}

func (interimLetters) Bury(_ context.Context, l []partition.DeadLetter) error {
	return errors.New(l[0].Code + ": " + l[0].Reason)
}
