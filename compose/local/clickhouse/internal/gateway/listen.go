package gateway

import (
	"context"
	"fmt"
	"net"
)

// Listen listens on a loopback address, and refuses any other.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w; give a host and a port, as in 127.0.0.1:9000", address, err)
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", address, err)
	}
	if len(ips) == 0 {
		return nil, notLoopback(address)
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return nil, notLoopback(address)
		}
	}
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", address)
}

func notLoopback(address string) error {
	return fmt.Errorf("refused to listen on %q: whoever can connect reads this machine's files; give a loopback address, as in 127.0.0.1:9000", address)
}
