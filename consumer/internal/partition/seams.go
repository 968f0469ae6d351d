package partition

import (
	"context"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient"
)

// Target is the table behind the batches, as far as a worker asks it anything.
type Target interface {
	// Remembers reports whether the table has surely kept the tokens of all inserts since then: none can have fallen out
	// of its deduplication window.
	Remembers(ctx context.Context, since time.Time) (bool, error)
	// DeleteBelow removes the rows whose version is smaller, and returns when no query sees them any more.
	DeleteBelow(ctx context.Context, version change.Version) error
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
	// Code is one word for the reason: undecodable, refused_value, refused_by_clickhouse, ...; Reason is a sentence.
	Code, Reason string
}

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

// RowRefusal is an error of Batch.Append that is about this one row: others of its relation would fit.
type RowRefusal interface {
	error
	RefusesRow() bool
}
