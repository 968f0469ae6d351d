package kafka

import (
	"context"
	_ "embed"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/cachedir"
)

//go:embed pom.xml
var pom []byte

// fetchTimeout bounds the download of about 45 MB, besides the caller's context.
const fetchTimeout = 10 * time.Minute

// Version is the version of Kafka that runs, as the embedded pom.xml has it.
func Version() (string, error) {
	var project struct {
		Version string `xml:"properties>kafka.version"`
	}
	if err := xml.Unmarshal(pom, &project); err != nil {
		return "", fmt.Errorf("read the embedded pom.xml: %w", err)
	}
	return project.Version, nil
}

func cacheDir() (string, error) {
	root, err := cachedir.Root()
	if err != nil {
		return "", err
	}
	version, err := Version()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, "kafka-"+version), nil
}

// jars fetches Kafka if it is not in the cache, and returns the directory of its jars.
func jars(ctx context.Context, log io.Writer) (string, error) {
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, fetchTimeout, fmt.Errorf("not fetched within %s", fetchTimeout))
	defer cancel()
	err = cachedir.Fill(ctx, dir, func(ctx context.Context, dir string) error { return fetch(ctx, dir, log) })
	if err != nil {
		return "", fmt.Errorf("fetch Kafka: %w", err)
	}
	return dir, nil
}

func fetch(ctx context.Context, dir string, log io.Writer) error {
	mvn, err := maven()
	if err != nil {
		return err
	}
	project, err := os.MkdirTemp("", "eventsync-kafka-")
	if err != nil {
		return fmt.Errorf("make a scratch directory: %w", err)
	}
	defer os.RemoveAll(project) //nolint:errcheck // nothing of value, in the system's temporary directory
	file := filepath.Join(project, "pom.xml")
	if err := os.WriteFile(file, pom, 0o600); err != nil {
		return fmt.Errorf("write its pom.xml: %w", err)
	}
	return process.Run(ctx, process.Config{
		Name: "mvn",
		Path: mvn,
		Args: []string{
			"-q", "-B", "-f", file, "dependency:copy-dependencies",
			"-DoutputDirectory=" + dir, "-DincludeScope=runtime",
		},
		Log: log,
	})
}
