package telemetry

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
)

const (
	headerTimeout = 5 * time.Second
	// writeTimeout bounds an answer, a scrape's included, to a reader that is slow.
	writeTimeout = scrapeTimeout + 5*time.Second
	idleTimeout  = 2 * time.Minute
	// stopTimeout is how long an answer under way may still take.
	stopTimeout = time.Second
	maxHeader   = 16 << 10
)

// Server serves /metrics, /livez and /readyz.
type Server struct {
	http     *http.Server
	listener net.Listener
	ended    chan struct{}
}

// Serve listens at the address and serves until Stop is called, which the caller owes. Where the address is empty nothing
// is served, and the Server is nil. From the end of ctx on the program is not ready.
func Serve(ctx context.Context, address string, registry *prometheus.Registry, ready func() error, log *zap.Logger) (*Server, error) {
	if address == "" {
		return nil, nil //nolint:nilnil // a nil Server is one that serves nothing, and can be stopped
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics and health: %w", err)
	}
	s := &Server{
		http: &http.Server{
			Handler:           routes(ctx, registry, ready, log),
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       headerTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeader,
			ErrorLog:          zap.NewStdLog(log),
		},
		listener: listener,
		ended:    make(chan struct{}),
	}
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics and health are not served any more; the work goes on", zap.String("address", s.Address()), zap.Error(err))
		}
	}()
	log.Info("serving /metrics, /livez and /readyz", zap.String("address", s.Address()))
	return s, nil
}

// Address is where it listens: the port that it was given, where the configured one is 0.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Stop ends the server, whoever is connected.
func (s *Server) Stop() {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // it cuts what took too long, which is all that can be done
	}
	<-s.ended
}
