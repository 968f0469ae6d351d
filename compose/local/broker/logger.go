package broker

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// logger passes kfake's log on, and keeps the first error of saving, which kfake reports in no other way.
type logger struct {
	mu    sync.Mutex
	out   io.Writer
	level kfake.LogLevel
	err   error
}

func newLogger(cfg Config) *logger {
	l := &logger{out: cfg.Log, level: kfake.LogLevelWarn}
	if cfg.Verbose {
		l.level = kfake.LogLevelDebug
	}
	return l
}

// Logf implements kfake.Logger.
func (l *logger) Logf(level kfake.LogLevel, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil && (strings.HasPrefix(format, "persist ") || strings.HasPrefix(format, "save ")) {
		l.err = fmt.Errorf("something was not saved: "+format, args...)
	}
	if level <= l.level {
		_, _ = fmt.Fprintf(l.out, "%s "+format+"\n", append([]any{level}, args...)...)
	}
}

func (l *logger) takeError() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.err
	l.err = nil
	return err
}
