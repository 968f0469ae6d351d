package kafka

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"eventsync/compose/local/process"
)

// format prepares an empty directory for the broker, once. What an interrupted format left is removed: meta.properties
// is the last file it writes.
func (s *Server) format(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(s.logDir, "meta.properties")); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the broker's directory: %w", err)
	}
	if err := os.RemoveAll(s.logDir); err != nil {
		return fmt.Errorf("remove what an interrupted format left: %w", err)
	}
	args := append(s.javaArgs(),
		"-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", // it runs for a second
		"kafka.tools.StorageTool", "format", "--cluster-id", clusterID(), "--config", s.propertiesFile())
	err := process.Run(ctx, process.Config{Name: "Kafka's format", Path: s.java, Args: args, Dir: s.cfg.Dir, Log: s.cfg.Log})
	if err != nil {
		return fmt.Errorf("format the broker's directory: %w", err)
	}
	return nil
}

// clusterID is a random id as Kafka writes them: 16 bytes in base64, which must not look like an option.
func clusterID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ReplaceAll(base64.RawURLEncoding.EncodeToString(b[:]), "-", "_")
}
