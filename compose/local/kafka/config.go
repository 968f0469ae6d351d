package kafka

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

// Config says where the broker keeps its data and how it runs. Dir is the only field without a default.
type Config struct {
	Dir  string // holds everything the broker keeps; made if missing
	Port int    // on 127.0.0.1; 0 picks a free one

	// Heap is the size of Java's heap, as -Xmx takes it. Default: 256m.
	Heap string

	// Properties are Kafka's own, and win over this package's.
	Properties map[string]string

	// Log receives what the broker logs. Its last lines are kept for errors anyway.
	Log io.Writer

	// StartTimeout bounds a start, without the time to fetch Kafka the first time. Default: one minute.
	StartTimeout time.Duration
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("Config.Dir is empty: name the directory for its data")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return c, fmt.Errorf("the directory for its data: %w", err)
	}
	c.Dir = dir
	if c.Heap == "" {
		c.Heap = "256m"
	}
	if c.StartTimeout == 0 {
		c.StartTimeout = time.Minute
	}
	return c, nil
}
