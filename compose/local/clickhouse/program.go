package clickhouse

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"eventsync/compose/local/clickhouse/internal/filelock"
)

const gatewayPackage = "eventsync/compose/local/clickhouse/gatewayd"

// Program builds the gateway's program and gives the command that runs it. It needs the go command, and to be called from
// inside the module, as tests are; the local stack, which may be installed elsewhere, is its own gateway instead. When
// nothing has changed it takes a few tenths of a second.
func Program(ctx context.Context) ([]string, error) {
	mod, err := goCommand(ctx, "env", "GOMOD")
	if err != nil {
		return nil, err
	}
	// Two clones of the repository must not build over each other.
	clone := sha256.Sum256([]byte(mod))
	dir, err := makeCacheDir("", "gatewayd", hex.EncodeToString(clone[:6]))
	if err != nil {
		return nil, err
	}
	release, err := filelock.Wait(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("wait for another process to build the gateway: %w", err)
	}
	defer release()
	path := filepath.Join(dir, "gatewayd")
	if _, err := goCommand(ctx, "build", "-o", path, gatewayPackage); err != nil {
		return nil, fmt.Errorf("build the ClickHouse gateway: %w", err)
	}
	return []string{path}, nil
}

func goCommand(ctx context.Context, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // it needs no C compiler, so none shall be looked for
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = killDelay
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("go %s: %w: %s", args[0], errors.Join(err, ctx.Err()), lastLines(stderr.Bytes()))
	}
	return strings.TrimSpace(stdout.String()), nil
}

// lastLines makes a command's output fit an error.
func lastLines(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	const enough = 5
	return strings.Join(lines[max(0, len(lines)-enough):], "; ")
}
