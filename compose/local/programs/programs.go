// Package programs builds the product's two binaries from this module's source and runs them as processes of their
// own, as a team would, for the demo, the end-to-end tests and the benchmarks.
package programs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"eventsync/compose/local/process"
)

// Binaries are the paths of the built programs.
type Binaries struct{ Producer, Consumer string }

// Build builds both binaries into dir. It must run inside the module, and needs the go command.
func Build(ctx context.Context, dir string) (Binaries, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // G301: other users may run what is in it
		return Binaries{}, err
	}
	err := process.Run(ctx, process.Config{
		Name: "go build", Path: "go",
		Args: []string{"build", "-o", dir + string(filepath.Separator), "eventsync/producer", "eventsync/consumer"},
	})
	if err != nil {
		return Binaries{}, err
	}
	return Binaries{Producer: filepath.Join(dir, "producer"), Consumer: filepath.Join(dir, "consumer")}, nil
}

// Program is one running binary.
type Program struct {
	*process.Process
	// LogFile holds what it wrote.
	LogFile string
	log     *os.File
}

// Run starts a binary's command with the config, and its output in logFile, appended to what is there.
func Run(binary, name, config, logFile string, args ...string) (*Program, error) {
	log, err := os.OpenFile(logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // G302,G304: a log for everybody, where the caller wants it
	if err != nil {
		return nil, err
	}
	p, err := process.Start(process.Config{Name: name, Path: binary, Args: append([]string{"run", "--config", config}, args...), Log: log, Grace: 20 * time.Second})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return &Program{Process: p, LogFile: logFile, log: log}, nil
}

// Stop ends the program in order, or kills it when that takes too long.
func (p *Program) Stop(ctx context.Context) error {
	err := p.Process.Stop(ctx)
	if e := p.log.Close(); err == nil {
		err = e
	}
	return err
}

// Kill ends it with SIGKILL.
func (p *Program) Kill() error {
	err := p.Process.Kill()
	if e := p.log.Close(); err == nil {
		err = e
	}
	return err
}
