package main

import (
	"context"
	"errors"
	"fmt"
)

const (
	recvSlot     = "recvlogical"
	publication  = "eventsync" // as the config has it by default
	receiverName = "pg_recvlogical"
)

var errNoReceiver = errors.New("pg_recvlogical, which the producer is measured beside, is not there")

// receiver is the path of pg_recvlogical.
func (b *bench) receiver() (string, error) {
	path, err := b.stack.Postgres.Bin(receiverName)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoReceiver, err)
	}
	return path, nil
}

// receive runs pg_recvlogical up to the WAL's position end.
func (b *bench) receive(ctx context.Context, path, end string, rows int) (run, error) {
	r, _, err := runPeer(ctx, rows, path, "--dbname", b.stack.Postgres.DSN(), "--slot", recvSlot, "--start", "--endpos", end, "--no-loop",
		"--option", "proto_version=1", "--option", "publication_names="+publication, "--file", "/dev/null")
	return r, err
}
