package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"eventsync/pkg/config"
	"eventsync/pkg/telemetry"
)

// show serves what is seen of the producer's parts, before they run. The Server is nil where none is configured.
func show(ctx context.Context, cfg *config.Config, seen *parts, patience time.Duration, log *zap.Logger) (*telemetry.Server, error) {
	registry := telemetry.NewRegistry()
	register(registry, cfg, seen)
	h := &health{parts: seen, patience: patience}
	return telemetry.Serve(ctx, cfg.Producer.Listen, registry, h.ready, log)
}

// register adds the producer's metrics.
func register(registry prometheus.Registerer, cfg *config.Config, seen *parts) {
	latency, sizes := prometheus.NewHistogram(publishSecondsOptions), prometheus.NewHistogram(batchBytesOptions)
	seen.publisher.Observe(latency, sizes)
	registry.MustRegister(&collector{parts: seen, cfg: cfg}, latency, sizes)
}
