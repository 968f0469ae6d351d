package process

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
)

// Ports are picked below the ranges that Linux (from 32768) and macOS (from 49152) take the near ends of connections from.
// A port from those could be gone when a server that was stopped wants it again; worse, a client that keeps dialing it
// meanwhile may get it as its own near end, and be connected with itself.
const firstPort, lastPort = 15000, 31999

// ErrPortTaken is what a server's failed start wraps when another listens on its port.
var ErrPortTaken = errors.New("its port is taken")

// portTries is how many free ports OnPort tries.
const portTries = 5

// OnPort calls start with the port. If that is 0, it does so with a free one, and again with another as long as start fails
// with ErrPortTaken.
func OnPort(port int, start func(port int) error) error {
	if port != 0 {
		return start(port)
	}
	for try := 1; ; try++ {
		free, err := FreePort()
		if err != nil {
			return err
		}
		if err := start(free); !errors.Is(err, ErrPortTaken) || try == portTries {
			return err
		}
	}
}

// FreePort is a TCP port on 127.0.0.1 that nothing listened on a moment ago. Another process may take it before the
// caller's child does, so whoever uses it must be ready to try with another.
func FreePort() (int, error) {
	var inUse error
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1) //nolint:gosec // to be spread, not to be secret
		l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if errors.Is(err, syscall.EADDRINUSE) {
			inUse = err
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		if err := l.Close(); err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		return port, nil
	}
	return 0, fmt.Errorf("find a free port between %d and %d: %w", firstPort, lastPort, inUse)
}
