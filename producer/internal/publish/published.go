package publish

import (
	"context"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
)

// Published is the greatest commit that the tables' topics end with; 0 where they hold none.
func (p *Publisher) Published(context.Context, []source.Name) (change.LSN, error) {
	return 0, nil // not read yet
}
