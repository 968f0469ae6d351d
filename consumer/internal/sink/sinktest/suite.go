package sinktest

import (
	"context"
	"testing"
	"time"

	"eventsync/pkg/change"
)

// Row is one row: of a change, in one of the table's partitions.
type Row struct {
	ID        int64
	Partition int
	Version   change.Version
}

// Table is a table with a deduplication window, partitioned by Row.Partition. A materialized view counts its rows into a
// table without partitions, which has a window of the same size. Its methods may be called at the same time.
type Table interface {
	// Insert sends the rows as one block under the token, once.
	Insert(ctx context.Context, token string, rows []Row) error
	// Has is how often the row is in the table.
	Has(ctx context.Context, row Row) (int, error)
	// Seen is how often the view has counted the row.
	Seen(ctx context.Context, row Row) (int, error)
	// Remembers reports whether the table has surely kept the tokens of all inserts since then.
	Remembers(ctx context.Context, since time.Time) (bool, error)
	// DeleteBelow removes the rows whose version is smaller.
	DeleteBelow(ctx context.Context, version change.Version) error
}

// Run tests what is made: a new and empty table each time, which remembers as many parts' tokens as window says.
func Run(t *testing.T, newTable func(t *testing.T, window int) Table) {
	t.Helper()
	for _, c := range []struct {
		name   string
		window int
		test   func(*subject)
	}{
		{"token twice", 10, tokenTwice},
		{"other rows under a token", 10, otherRows},
		{"other token", 10, otherToken},
		{"token by partition", 10, tokenByPartition},
		{"token at the same time", 10, tokenAtOnce},
		{"no rows", 10, noRows},
		{"window", 3, overflow},
		{"window is not extended", 3, notExtended},
		{"window of the view", 3, viewOverflow},
		{"window by partition", 3, overflowAtOnce},
		{"remembers", 4, remembers},
		{"remembers by partition", 4, remembersByPartition},
		{"remembers nothing that is forgotten", 4, remembersSurely},
		{"delete", 10, deleteBelow},
		{"delete and send again", 10, deleteAndSendAgain},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.test(&subject{T: t, Table: newTable(t, c.window), began: time.Now()})
		})
	}
}

// subject is the table of one test.
type subject struct {
	*testing.T
	Table
	began time.Time
}

func (s *subject) insert(token string, rows ...Row) {
	s.Helper()
	if err := s.Insert(s.Context(), token, rows); err != nil {
		s.Fatal(err)
	}
}

// want is how often the row must be in the table, and how often seen by the view.
func (s *subject) want(row Row, has, seen int) {
	s.Helper()
	if n := s.has(row); n != has {
		s.Errorf("row %+v is in the table %d times, want %d", row, n, has)
	}
	if n, err := s.Seen(s.Context(), row); err != nil || n != seen {
		s.Errorf("row %+v is seen %d times, want %d; error %v", row, n, seen, err)
	}
}

func (s *subject) has(row Row) int {
	s.Helper()
	n, err := s.Has(s.Context(), row)
	if err != nil {
		s.Fatal(err)
	}
	return n
}

func (s *subject) remembers() bool {
	s.Helper()
	is, err := s.Remembers(s.Context(), s.began)
	if err != nil {
		s.Fatal(err)
	}
	return is
}

// in gives a row of a partition; its version is its ID.
func in(partition int, id int64) Row {
	return Row{ID: id, Partition: partition, Version: change.Version(id)} //nolint:gosec // G115: the tests' are positive
}
