package clickhouse

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/cachedir"
	"eventsync/compose/local/process/filelock"
)

const gatewayPackage = "eventsync/compose/local/clickhouse/gatewayd"

// Program builds the gateway's program and gives the command that runs it. It needs the go command, and to be called from
// inside the module, as tests are; the local stack, which may be installed elsewhere, is its own gateway instead. When
// nothing has changed it takes a few tenths of a second.
func Program(ctx context.Context) (command []string, err error) {
	mod, err := goCommand(ctx, "env", "GOMOD")
	if err != nil {
		return nil, err
	}
	// Two clones of the repository must not build over each other.
	clone := sha256.Sum256([]byte(mod))
	dir, err := cachedir.Make("gatewayd", hex.EncodeToString(clone[:6]))
	if err != nil {
		return nil, err
	}
	// Not cachedir.Fill: what is there is old as soon as the source changes, which the go command can tell.
	lock, err := filelock.Wait(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("wait for another process to build the gateway: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	path := filepath.Join(dir, "gatewayd")
	if _, err := goCommand(ctx, "build", "-o", path, gatewayPackage); err != nil {
		return nil, fmt.Errorf("build the ClickHouse gateway: %w", err)
	}
	return []string{path}, nil
}

// goCommand gives what the go command answers.
func goCommand(ctx context.Context, args ...string) (string, error) {
	var answer bytes.Buffer
	err := process.Run(ctx, process.Config{
		Name: "go " + args[0], Path: "go", Args: args, Stdout: &answer,
		Env: append(os.Environ(), "CGO_ENABLED=0"), // it needs no C compiler, so none shall be looked for
	})
	return strings.TrimSpace(answer.String()), err
}
