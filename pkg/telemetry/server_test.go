package telemetry

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap/zaptest"
)

// serve serves until the test ends.
func serve(ctx context.Context, t *testing.T, registry *prometheus.Registry, ready func() error) *Server {
	t.Helper()
	s, err := Serve(ctx, "127.0.0.1:0", registry, ready, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func well() error { return nil }

func get(t *testing.T, s *Server, path string) (int, string) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + s.Address() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func expect(t *testing.T, s *Server, path string, status int, contains string) {
	t.Helper()
	if got, body := get(t, s, path); got != status || !strings.Contains(body, contains) {
		t.Errorf("%s answers %d %q, want %d with %q", path, got, body, status, contains)
	}
}

func TestReadyIsWhatTheProgramSays(t *testing.T) {
	var problem atomic.Pointer[error]
	s := serve(t.Context(), t, NewRegistry(), func() error {
		if p := problem.Load(); p != nil {
			return *p
		}
		return nil
	})
	expect(t, s, "/readyz", http.StatusOK, "ok\n")
	stalled := errors.New("nothing was acknowledged for 30s")
	problem.Store(&stalled)
	expect(t, s, "/readyz", http.StatusServiceUnavailable, "nothing was acknowledged for 30s\n")
	expect(t, s, "/livez", http.StatusOK, "ok\n")
	problem.Store(nil)
	expect(t, s, "/readyz", http.StatusOK, "ok\n")
	expect(t, s, "/nothing", http.StatusNotFound, "")
}

func TestStoppingProgramIsNotReadyAndStillTells(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(ctx, t, NewRegistry(), well)
	expect(t, s, "/readyz", http.StatusOK, "ok")
	cancel()
	expect(t, s, "/readyz", http.StatusServiceUnavailable, "stopping")
	expect(t, s, "/livez", http.StatusOK, "ok")
	expect(t, s, "/metrics", http.StatusOK, "go_goroutines")
}

// broken is a collector that can tell one of its two metrics.
type broken struct{ whole, half *prometheus.Desc }

func (b broken) Describe(to chan<- *prometheus.Desc) { to <- b.whole; to <- b.half }

func (b broken) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(b.whole, prometheus.GaugeValue, 7)
	to <- prometheus.NewInvalidMetric(b.half, errors.New("no answer"))
}

func TestMetrics(t *testing.T) {
	registry := NewRegistry()
	registry.MustRegister(broken{
		prometheus.NewDesc("eventsync_test_whole", "Told.", nil, nil), prometheus.NewDesc("eventsync_test_half", "Not told.", nil, nil),
	})
	s := serve(t.Context(), t, registry, well)
	for _, want := range []string{"eventsync_test_whole 7\n", "go_goroutines ", "process_start_time_seconds ", "go_build_info{"} {
		expect(t, s, "/metrics", http.StatusOK, want)
	}
}

func TestNothingIsServedWithoutAnAddress(t *testing.T) {
	s, err := Serve(t.Context(), "", NewRegistry(), well, zaptest.NewLogger(t))
	if s != nil || err != nil {
		t.Fatalf("it gives %v, %v", s, err)
	}
	s.Stop()
}

func TestAddressThatIsTaken(t *testing.T) {
	first := serve(t.Context(), t, NewRegistry(), well)
	_, err := Serve(t.Context(), first.Address(), NewRegistry(), well, zaptest.NewLogger(t))
	if err == nil || !strings.Contains(err.Error(), first.Address()) {
		t.Errorf("the second server on an address gives %v", err)
	}
}

// A client that never ends its request, and an answer that never comes, do not keep the server from stopping.
func TestStopIsBounded(t *testing.T) {
	asked := make(chan struct{})
	hang := make(chan struct{})
	defer close(hang)
	s, err := Serve(t.Context(), "127.0.0.1:0", NewRegistry(), func() error { close(asked); <-hang; return nil }, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range []string{"GET /livez HTTP/1.1\r\nHost: a\r\n", "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Address())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := io.WriteString(conn, request); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if line, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
				t.Errorf("after the stop it was answered: %q", line)
			}
		}()
	}
	<-asked
	s.Stop()
}
