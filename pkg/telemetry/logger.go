package telemetry

import (
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"eventsync/pkg/config"
)

// NewLogger returns a logger to standard error, which leaves standard output to what a command prints.
func NewLogger(log config.Log) (*zap.Logger, error) {
	return newLogger(log, zapcore.Lock(os.Stderr))
}

func newLogger(log config.Log, to zapcore.WriteSyncer) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(log.Level)
	if err != nil {
		return nil, fmt.Errorf("log.level: %w; expected one of debug, info, warn, error", err)
	}
	encoder, err := newEncoder(log.Format)
	if err != nil {
		return nil, err
	}
	return zap.New(zapcore.NewCore(encoder, to, level), zap.ErrorOutput(to)), nil
}

func newEncoder(format string) (zapcore.Encoder, error) {
	fields := zap.NewProductionEncoderConfig()
	fields.TimeKey = "time"
	fields.EncodeTime = func(at time.Time, out zapcore.PrimitiveArrayEncoder) {
		zapcore.ISO8601TimeEncoder(at.UTC(), out)
	}
	fields.EncodeDuration = zapcore.StringDurationEncoder
	switch format {
	case "json":
		return zapcore.NewJSONEncoder(fields), nil
	case "console":
		fields.EncodeLevel = zapcore.CapitalLevelEncoder
		return zapcore.NewConsoleEncoder(fields), nil
	}
	return nil, fmt.Errorf("log.format: unknown format %q; expected one of json, console", format)
}
