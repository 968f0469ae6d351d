package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// peakEvery is how often the memory of a peer is looked at.
const peakEvery = 50 * time.Millisecond

// runPeer runs a program to its end, and gives its output, its time and what it used. It has rows to go through.
func runPeer(ctx context.Context, rows int, path string, args ...string) (run, []byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return run{}, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	r := run{rows: rows}
	look := time.NewTicker(peakEvery)
	defer look.Stop()
	for {
		if u, err := usageOf(cmd.Process.Pid); err == nil { // it may have ended by now
			r.peak = u.peak
		}
		select {
		case err := <-ended:
			if err != nil {
				return run{}, nil, fmt.Errorf("%s: %w: %s", path, err, strings.TrimSpace(stderr.String()))
			}
			r.took = time.Since(began)
			r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return r, stdout.Bytes(), nil
		case <-look.C:
		}
	}
}
