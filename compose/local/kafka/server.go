package kafka

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"eventsync/compose/local/process"
)

//go:embed log4j2.xml
var log4j []byte

// stopGrace is how long the broker may take to end in order.
const stopGrace = 20 * time.Second

// Server is a Kafka broker. Its methods may be called from any goroutine.
type Server struct {
	cfg    Config
	java   string
	jars   string
	logDir string // Kafka calls its data a log

	mu   sync.Mutex // held through starts and stops, so that they do not overlap
	port int
	proc *process.Process
}

// Start starts a broker on cfg.Dir, empty if there was none, and returns when it serves clients. The first start on a
// machine fetches Kafka. The caller must Stop it.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("start Kafka: %w", err)
	}
	s := &Server{cfg: cfg, logDir: filepath.Join(cfg.Dir, "log"), port: cfg.Port}
	if s.java, err = java(ctx); err != nil {
		return nil, fmt.Errorf("start Kafka: %w", err)
	}
	if s.jars, err = jars(ctx, cfg.Log); err != nil {
		return nil, fmt.Errorf("start Kafka: %w", err)
	}
	if err := s.launch(ctx); err != nil {
		return nil, fmt.Errorf("start Kafka: %w", err)
	}
	return s, nil
}

// launch starts the broker process, again with other ports if those that were free are not.
func (s *Server) launch(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.cfg.StartTimeout, fmt.Errorf("not ready within %s", s.cfg.StartTimeout))
	defer cancel()
	return process.OnPort(s.port, func(port int) error {
		s.port = port
		return s.attempt(ctx)
	})
}

func (s *Server) attempt(ctx context.Context) error {
	controllerPort, err := process.FreePort()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.cfg.Dir, 0o750); err != nil {
		return fmt.Errorf("make its directory: %w", err)
	}
	props := render(properties(s.cfg, s.logDir, s.port, controllerPort))
	if err := os.WriteFile(s.propertiesFile(), []byte(props), 0o600); err != nil {
		return fmt.Errorf("configure it: %w", err)
	}
	if err := os.WriteFile(s.log4jFile(), log4j, 0o600); err != nil {
		return fmt.Errorf("configure its log: %w", err)
	}
	if err := s.format(ctx); err != nil {
		return err
	}
	started := newWatcher("Kafka Server started", s.cfg.Log)
	args := append(s.javaArgs(), "-Xms"+s.cfg.Heap, "-Xmx"+s.cfg.Heap, "kafka.Kafka", s.propertiesFile())
	proc, err := process.Start(process.Config{
		Name:  "Kafka",
		Path:  s.java,
		Args:  args,
		Dir:   s.cfg.Dir,
		Log:   started,
		Grace: stopGrace,
	})
	if err != nil {
		return err
	}
	if err := awaitReady(ctx, proc, started, s.addr()); err != nil {
		return s.explain(errors.Join(err, proc.Kill()), proc)
	}
	s.proc = proc
	return nil
}

func (s *Server) javaArgs() []string {
	return []string{"-Dlog4j2.configurationFile=" + s.log4jFile(), "-cp", filepath.Join(s.jars, "*")}
}

func (s *Server) propertiesFile() string { return filepath.Join(s.cfg.Dir, "server.properties") }
func (s *Server) log4jFile() string      { return filepath.Join(s.cfg.Dir, "log4j2.xml") }
func (s *Server) addr() string           { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Addr is where clients find the broker. It stays the same through restarts of this Server.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr()
}
