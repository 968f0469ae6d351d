package publish

import (
	"context"
	"time"
)

// Look looks at the topics now.
func (p *Publisher) Look(ctx context.Context) error {
	p.mu.Lock()
	topics := append([]*topic(nil), p.topics...)
	p.mu.Unlock()
	for _, t := range topics {
		if err := p.look(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// Impatient shortens how often topics are looked at and how long they may be unknown. It comes before Run.
func (p *Publisher) Impatient(lookEvery, patience time.Duration) {
	p.lookEvery, p.patience = lookEvery, patience
}
