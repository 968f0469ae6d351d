package gate

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/open-feature/go-sdk/openfeature"
	"go.uber.org/zap"
)

// Attributes of an evaluation that rules can name.
const (
	scopeAttribute = "scope"
	workerScope    = "worker" // of a tick: the targeting key means nothing
)

// judge draws a tick: it makes the next verdict out of what the definitions say, or of the error of reading them.
func (g *Gate) judge(ctx context.Context, changed bool, err error) {
	last := g.verdict.Load()
	next := *last // an error leaves it as it was
	next.Err = err
	if changed {
		next.Generation++
	}
	if err == nil {
		var details openfeature.BooleanEvaluationDetails
		details, err = g.evaluate(ctx, rand.Text(), workerScope)
		if next.Err = err; err == nil {
			next.Pass, next.Known = details.Value, true
			next.Reason = string(details.Reason) + " " + details.Variant
		}
	}
	g.publish(last, &next)
}

// evaluate asks for the flag on behalf of a targeting key.
func (g *Gate) evaluate(ctx context.Context, targetingKey, scope string) (openfeature.BooleanEvaluationDetails, error) {
	details, err := g.client.BooleanValueDetails(ctx, g.flag, false,
		openfeature.NewEvaluationContext(targetingKey, map[string]any{scopeAttribute: scope}))
	if err != nil {
		return details, fmt.Errorf("flag %s, from %s: %w", g.flag, g.provider.Metadata().Name, err)
	}
	return details, nil
}

// publish makes the verdict known to all who ask, and to those who wait if it changes what they do.
func (g *Gate) publish(last, next *Verdict) {
	g.verdict.Store(next)
	if last.outcome() != next.outcome() {
		g.log.Info("the gate's verdict changed", zap.Bool("pass", next.Pass), zap.String("reason", next.Reason), zap.Uint64("generation", next.Generation))
		g.mu.Lock()
		close(g.changed)
		g.changed = make(chan struct{})
		g.mu.Unlock()
	}
	switch {
	case next.Err != nil && (last.Err == nil || last.Err.Error() != next.Err.Error()):
		g.log.Warn("the flag cannot be evaluated; the last verdict holds, and without one nothing passes",
			zap.Bool("known", next.Known), zap.Bool("pass", next.Pass), zap.Error(next.Err))
	case next.Err == nil && last.Err != nil:
		g.log.Info("the flag can be evaluated again", zap.Bool("pass", next.Pass), zap.Uint64("generation", next.Generation))
	}
}
