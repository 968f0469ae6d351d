package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// settingsFile is written at each start. ALTER SYSTEM writes another, which PostgreSQL reads later, and so wins.
const settingsFile = "eventsync.conf"

// hba trusts whoever comes over loopback or the socket; the server listens nowhere else.
const hba = `local all,replication all trust
host all,replication all 127.0.0.1/32 trust
`

// settings are what the server runs with unless Config.Settings says otherwise.
func settings(cfg Config) map[string]string {
	s := map[string]string{
		"wal_level":             "logical",
		"max_replication_slots": "20",
		"max_wal_senders":       "20",
		"timezone":              "UTC",
		"log_timezone":          "UTC",
		"lc_messages":           "C",
	}
	if !cfg.Durable {
		// Not synchronous_commit: with that off even a crash of the server alone forgets the last commits.
		s["fsync"] = "off"
		s["full_page_writes"] = "off"
	}
	maps.Copy(s, cfg.Settings)
	return s
}

// render is the settings as a configuration file, in a fixed order.
func render(settings map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(settings[name]))
	}
	return b.String()
}

// configure makes a new data directory read the settings file, and replaces its access rules.
func configure(data string, as owner) error {
	conf, err := fs.ReadFile(os.DirFS(data), "postgresql.conf")
	if err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	conf = fmt.Appendf(conf, "\ninclude_if_exists = '%s'\n", settingsFile)
	return errors.Join(
		write(data, "postgresql.conf", string(conf), as),
		write(data, "pg_hba.conf", hba, as),
	)
}

// write replaces a file of the server's. It follows no link out of the directory, which may be another user's.
func write(data, name, content string, as owner) error {
	root, err := os.OpenRoot(data)
	if err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	defer root.Close() //nolint:errcheck // files are written and closed by then
	if err := root.WriteFile(name, []byte(content), 0o600); err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	if as.other() {
		if err := root.Lchown(name, int(as.uid), int(as.gid)); err != nil {
			return fmt.Errorf("configure the server: %w", err)
		}
	}
	return nil
}
