package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// install decides which server runs: the given one, the newest installed one that can read the data, or a fetched one.
func install(ctx context.Context, cfg Config, data string, as owner) (installation, error) {
	major, err := dataVersion(data)
	if err != nil {
		return installation{}, err
	}
	if cfg.BinDir != "" {
		i, err := inspect(ctx, cfg.BinDir)
		if err == nil && major != 0 && i.major != major {
			err = fmt.Errorf("%s is version %d, but %s was made by version %d", cfg.BinDir, i.major, data, major)
		}
		return i, err
	}
	i, err := find(ctx, candidates(ctx), major)
	if errors.Is(err, errNotInstalled) || err == nil && i.major < cfg.Oldest {
		i, err = embedded(ctx, as)
		if err == nil && major != 0 && i.major != major {
			err = fmt.Errorf("%s was made by version %d, which is not installed: install it, or remove the directory to start afresh", data, major)
		}
	}
	return i, err
}

// Bin is the path of one of PostgreSQL's programs: psql, pgbench, pg_recvlogical, ...
func (s *Server) Bin(name string) (string, error) {
	path := filepath.Join(s.program.bin, name)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s is neither in %s nor in PATH: install PostgreSQL's client programs (postgresql-client, or brew install postgresql)", name, s.program.bin)
}
