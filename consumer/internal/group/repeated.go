package group

import (
	"time"

	"go.uber.org/zap"
)

// firstBackoff is how long a request that failed waits before it is sent again, at first.
const firstBackoff = 100 * time.Millisecond

// repeated logs what lasts: at once when it is new, then every ten seconds.
type repeated struct {
	log  *zap.Logger
	last string
	at   time.Time
}

const repeatAfter = 10 * time.Second

func newRepeated(log *zap.Logger) *repeated { return &repeated{log: log} }

func (r *repeated) warn(message, reason string, fields ...zap.Field) {
	if reason == r.last && time.Since(r.at) < repeatAfter {
		return
	}
	r.last, r.at = reason, time.Now()
	r.log.Warn(message, fields...)
}
