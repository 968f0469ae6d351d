package postgres

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"
)

// Config says where a server keeps its data and how it runs. Dir is the only field without a default.
type Config struct {
	Dir  string // holds everything the server keeps; made if missing
	Port int    // on 127.0.0.1; 0 picks a free one

	// Durable makes commits survive a crash of the machine. Off by default: a crash of the server alone loses nothing
	// either way, and tests run several times faster.
	Durable bool

	// Settings are PostgreSQL's own, and win over this package's.
	Settings map[string]string

	// BinDir is the directory of the server's programs. By default the newest installed version is searched for.
	BinDir string

	// Oldest is the oldest major version that will do. Where only older ones are installed, one is fetched.
	Oldest int

	// Log receives what the server logs. Its last lines are kept for errors anyway.
	Log io.Writer

	// StartTimeout bounds a start, recovery after a crash included. Default: one minute.
	StartTimeout time.Duration
}

func (c Config) withDefaults() (Config, error) {
	if c.Dir == "" {
		return c, errors.New("start PostgreSQL: Config.Dir is empty: name the directory for its data")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return c, fmt.Errorf("start PostgreSQL: the directory for its data: %w", err)
	}
	c.Dir = dir
	if c.StartTimeout == 0 {
		c.StartTimeout = time.Minute
	}
	return c, nil
}
