package gate

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// warningsOf passes on only flagd's warnings, which come once per definition ("does not conform to the schema"). Its
// errors come with each evaluation, and are in the verdict.
func warningsOf(log *zap.Logger) *zap.Logger {
	return log.Named("flagd").WithOptions(zap.WrapCore(func(c zapcore.Core) zapcore.Core { return warnings{c} }))
}

type warnings struct{ zapcore.Core }

func (w warnings) Enabled(l zapcore.Level) bool { return l == zapcore.WarnLevel && w.Core.Enabled(l) }

func (w warnings) Check(e zapcore.Entry, c *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !w.Enabled(e.Level) {
		return c
	}
	return c.AddCore(e, w)
}

func (w warnings) With(fields []zapcore.Field) zapcore.Core { return warnings{w.Core.With(fields)} }
