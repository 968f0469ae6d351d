package partition

import (
	"context"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// Reader reads the partition's records in order.
type Reader interface {
	// Read gives the next records, which are valid until the next call. It may give none after a while without data.
	Read(ctx context.Context) ([]kafkaclient.Record, error)
	// Offset is what the next Read begins with: the last record's offset plus one, or more behind a hole.
	Offset() int64
	// HighWatermark is the end of the partition as of the last Read.
	HighWatermark() int64
	// SeekTo makes offset what is read next.
	SeekTo(offset int64)
}

// Batch collects changes as columns of the target, and knows which of its rows are there.
type Batch interface {
	// Append adds a change's row. It reports false, and adds nothing, where the change fills other columns than the
	// rows before it: insert those first.
	Append(m *codec.Message) (added bool, err error)
	Rows() int
	Bytes() int
	// Insert sends the rows as one block under the token, once.
	Insert(ctx context.Context, token string) error
	// Missing tells how many of the rows the target lacks.
	Missing(ctx context.Context) (int, error)
	// DropPresent removes the rows that the target has, and tells how many are left.
	DropPresent(ctx context.Context) (left int, err error)
	Reset()
}

// Target is the table behind the batches, as far as a worker asks it anything.
type Target interface {
	// Remembers reports whether the table has surely kept the tokens of all inserts since then: none can have fallen out
	// of its deduplication window.
	Remembers(ctx context.Context, since time.Time) (bool, error)
	// Started is a time that the server has surely started after, so that whatever it was given before has ended; zero
	// where nobody knows.
	Started(ctx context.Context) (time.Time, error)
	// HasViews reports whether materialized views are made of what is inserted.
	HasViews(ctx context.Context) (bool, error)
	// DeleteBelow removes the rows whose version is smaller, and returns when no query sees them any more.
	DeleteBelow(ctx context.Context, version change.Version) error
}

// Gate lets changes through, or holds them.
type Gate interface {
	Open() bool
	// Wait returns when the gate is open, or with ctx's error.
	Wait(ctx context.Context) error
}

// Claim is the partition as the group has given it to this member.
type Claim interface {
	// Commit commits the partition's offset with metadata, under the generation and member that own the partition. Its
	// failure ends the generation.
	Commit(ctx context.Context, offset int64, metadata string) error
	// Held reports whether no other member can have the partition yet: the last acknowledged commit was sent within the
	// session timeout, by the monotonic clock and by the wall clock.
	Held() bool
}

// DeadLetter is a message that cannot be synced.
type DeadLetter struct {
	Topic     string
	Partition int
	// Record is the message as it was read; it owns its memory.
	Record kafkaclient.Record
	// Code is one word for the reason, of the constants below; Reason is a sentence.
	Code, Reason string
}

// The codes of dead letters.
const (
	Undecodable         = "undecodable"           // the message is not one of ours, nor of Debezium's
	RefusedValue        = "refused_value"         // a value has no place in its column
	RefusedByClickHouse = "refused_by_clickhouse" // the server takes its neighbours, but not this row
)

// Letters is where dead letters go.
type Letters interface {
	// Bury returns when all of them are acknowledged. A letter may be there more than once after a crash.
	Bury(ctx context.Context, letters []DeadLetter) error
}

// Failure is what an error of a Batch's or a Target's says about itself; one that says nothing stops the partition.
type Failure interface {
	error
	// Again: the same again can succeed.
	Again() bool
	// RefusesRows: the server will never take these rows, and has answered; it would take others.
	RefusesRows() bool
	// Unanswered: what was sent may take effect yet.
	Unanswered() bool
}

// RowRefusal is an error of Batch.Append that may be about this one row: others of its relation would fit.
type RowRefusal interface {
	error
	RefusesRow() bool
}
