package broker

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strconv"

	"github.com/twmb/franz-go/pkg/kfake"

	"eventsync/compose/local/process"
)

// Config says what the broker keeps and where it listens. The zero value is one broker that keeps nothing, on a free port.
type Config struct {
	// Dir holds topics, records and offsets; made if missing. Empty keeps them in memory, and nothing through a restart.
	Dir string

	// Addr is host:port on loopback. Empty, or port 0, picks a free port. Brokers after the first get free ports.
	Addr string

	// Brokers is how many make up the cluster. Default: 1.
	Brokers int

	// Durable makes each record survive a crash of the machine before it is acknowledged, as few Kafka clusters do.
	Durable bool

	// Settings are broker settings by Kafka's names, those that kfake knows.
	Settings map[string]string

	// Options go to kfake after this package's own.
	Options []kfake.Opt

	// Log receives the broker's log: what fails, or with Verbose every request.
	Log     io.Writer
	Verbose bool
}

// withDefaults makes everything explicit, ports included, so that a restart finds the same.
func (c Config) withDefaults() (_ Config, ports []int, err error) {
	if c.Brokers == 0 {
		c.Brokers = 1
	}
	if c.Log == nil {
		c.Log = io.Discard
	}
	if c.Dir != "" {
		if c.Dir, err = filepath.Abs(c.Dir); err != nil {
			return c, nil, fmt.Errorf("the directory for its data: %w", err)
		}
	}
	port := 0
	if c.Addr != "" {
		host, p, err := net.SplitHostPort(c.Addr)
		if err != nil {
			return c, nil, fmt.Errorf("its address: %w; name it as 127.0.0.1:9092", err)
		}
		if host != "127.0.0.1" && host != "localhost" {
			return c, nil, fmt.Errorf("its address: %q is not 127.0.0.1, and it has no access control to serve anyone else", host)
		}
		if port, err = strconv.Atoi(p); err != nil {
			return c, nil, fmt.Errorf("its address: port %q is not a number", p)
		}
	}
	for len(ports) < c.Brokers {
		if port == 0 {
			if port, err = process.FreePort(); err != nil {
				return c, nil, err
			}
		}
		ports = append(ports, port)
		port = 0
	}
	return c, ports, nil
}

// fixed says that the caller chose the first port, so that no other will do.
func (c Config) fixed() bool {
	_, port, err := net.SplitHostPort(c.Addr)
	return err == nil && port != "0"
}
