package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"eventsync/compose/local/process"
)

// Superuser is the role that owns everything, and needs no password.
const Superuser = "postgres"

// initialize makes the data directory if it is not there yet. initdb works under another name, which is changed at the
// end: a data directory is whole or not there, and what an interrupted initdb left is recognized by its name.
func initialize(ctx context.Context, cfg Config, program installation, as owner, data string) error {
	if _, err := os.Stat(data); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for the data directory: %w", err)
	}
	partial := data + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return fmt.Errorf("remove what an interrupted initdb left: %w", err)
	}
	if err := os.Mkdir(partial, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if err := as.take(partial); err != nil {
		return err
	}
	args := []string{
		"--pgdata", partial, "--username", Superuser, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C",
	}
	if !cfg.Durable {
		args = append(args, "--no-sync")
	}
	err := process.Run(ctx, process.Config{
		Name:       "initdb",
		Path:       filepath.Join(program.bin, "initdb"),
		Args:       args,
		Env:        environment(),
		Dir:        "/",
		Credential: as.cred,
		Log:        cfg.Log,
	})
	if err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	if err := configure(partial, as); err != nil {
		return err
	}
	if err := os.Rename(partial, data); err != nil {
		return fmt.Errorf("put the finished data directory in place: %w", err)
	}
	return nil
}

// environment is ours without what PostgreSQL's programs would take settings from, and with messages in English: errors
// quote them, and code here looks for words in them.
func environment() []string {
	env := make([]string, 0, len(os.Environ())+1)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "PG") && !strings.HasPrefix(kv, "LC_") && !strings.HasPrefix(kv, "LANG") {
			env = append(env, kv)
		}
	}
	return append(env, "LC_ALL=C")
}
