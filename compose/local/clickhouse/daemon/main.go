package daemon

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"eventsync/compose/local/clickhouse/internal/report"
)

// Main runs the gateway with a command line's arguments and gives the exit code: 0 after an ordered stop.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := parseFlags(args, stderr)
	if err != nil {
		return failed(err, stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal kills
	if o.withParent {
		go func() {
			_, _ = io.Copy(io.Discard, stdin)
			stop()
		}()
	}
	if err := run(ctx, o, stdout, logger(stderr, o.verbose)); err != nil {
		return failed(err, stdout)
	}
	return 0
}

func failed(err error, stdout io.Writer) int {
	_ = report.Write(stdout, report.Report{Error: err.Error()}) // the exit code tells it as well
	return 1
}

func logger(w io.Writer, verbose bool) *zap.Logger {
	level := zapcore.InfoLevel
	if verbose {
		level = zapcore.DebugLevel
	}
	encoder := zap.NewProductionEncoderConfig()
	encoder.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	encoder.EncodeDuration = zapcore.StringDurationEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoder), zapcore.Lock(zapcore.AddSync(w)), level)).Named("clickhouse")
}
