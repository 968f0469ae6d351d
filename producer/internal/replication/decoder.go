package replication

import (
	"context"
	"errors"
	"fmt"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source/pgvalue"
)

// decoder turns pgoutput's messages into changes, a batch at a time. What a batch holds aliases the messages.
type decoder struct {
	epoch     uint8
	describer describer
	rows      rowReader
	relations map[uint32]*relation

	// The transaction under way.
	inTransaction bool
	commit        change.LSN
	commitTime    int64
	transaction   uint32
	sequence      uint64 // of its last change

	// The batch.
	changes []change.Change
	values  []change.Value // of all its changes, one after the other
	memory  pgvalue.Decoder
	end     change.LSN // of the last transaction that ended in it

	fields     []field // of one tuple, where they are needed again
	incomplete []incomplete
	completed  int // of those
	given      int // of the changes
	fetchRows  int // how many rows to complete at once
	fetched    pgvalue.Decoder
}

// describer makes relations of their descriptions in the stream.
type describer interface {
	// describe gives known again when that still fits.
	describe(ctx context.Context, d *description, known *relation) (*relation, error)
}

func newDecoder(epoch uint8, d describer, rows rowReader) *decoder {
	return &decoder{epoch: epoch, describer: d, rows: rows, relations: map[uint32]*relation{}, fetchRows: firstFetch}
}

// restart forgets what belongs to a connection's stream: the next one begins with a transaction and describes its
// relations anew.
func (d *decoder) restart() {
	d.inTransaction = false
	for _, r := range d.relations {
		r.stale = true
	}
	d.reset()
}

// reset empties the batch.
func (d *decoder) reset() {
	d.changes = d.changes[:0]
	d.values = d.values[:0]
	d.memory.Reset()
	d.end = 0
	clear(d.incomplete) // which hold what was fetched
	d.incomplete = d.incomplete[:0]
	d.completed, d.given = 0, 0
}

var errTransaction = errors.New("a change outside a transaction")

// message reads one message; row is the place in the log of the record it was made of.
func (d *decoder) message(ctx context.Context, row change.LSN, b []byte) error {
	if len(b) == 0 {
		return errShort
	}
	c := cursor{b: b[1:]}
	switch b[0] {
	case 'I':
		return d.insert(row, &c)
	case 'U':
		return d.update(row, &c)
	case 'D':
		return d.delete(row, &c)
	case 'B':
		return d.begin(&c)
	case 'C':
		return d.finish(&c)
	case 'R':
		return d.relation(ctx, &c)
	case 'T':
		return d.truncate(row, &c)
	case 'Y', 'O', 'M': // a type's name, the origin of a transaction, a message of pg_logical_emit_message
		return nil
	default:
		return fmt.Errorf("a message %q that was not asked for", b[0])
	}
}

func (d *decoder) begin(c *cursor) error {
	d.commit = change.LSN(c.uint64())
	d.commitTime = unixMicros(c.uint64())
	d.transaction = c.uint32()
	d.sequence = 0
	d.inTransaction = true
	return c.err
}

func (d *decoder) finish(c *cursor) error {
	c.byte()   // flags, none yet
	c.uint64() // the commit's LSN, as begin said
	end := change.LSN(c.uint64())
	if c.err != nil {
		return c.err
	}
	d.inTransaction = false
	d.end = end
	return nil
}

// unixMicros turns the server's clock, in microseconds since 2000, into ours.
func unixMicros(t uint64) int64 {
	const since2000 = 946_684_800 * 1_000_000
	return int64(t) + since2000 //nolint:gosec // G115: the bits are kept
}

// relation learns a relation's shape, which comes before its first change and whenever it may have changed.
func (d *decoder) relation(ctx context.Context, c *cursor) error {
	description, err := readDescription(c)
	if err != nil {
		return fmt.Errorf("a relation's description: %w", err)
	}
	r, err := d.describer.describe(ctx, description, d.relations[description.oid])
	if err != nil {
		return err
	}
	r.stale = false
	d.relations[description.oid] = r
	return nil
}

// known finds the relation that a change is of.
func (d *decoder) known(c *cursor) (*relation, error) {
	oid := c.uint32()
	r, ok := d.relations[oid]
	switch {
	case c.err != nil:
		return nil, c.err
	case !d.inTransaction:
		return nil, errTransaction
	case !ok || r.stale:
		return nil, fmt.Errorf("a change of the relation of OID %d, which was not described", oid)
	default:
		return r, nil
	}
}

// wanted reports whether the relation's changes in this transaction are to be published: not those of tables that are
// not configured, nor those that the table's snapshot has.
func (d *decoder) wanted(r *relation) bool { return r.shape != nil && d.commit >= r.from }

// add appends a change to the batch. Its values are those of the slab from the index on.
func (d *decoder) add(r *relation, op change.Op, row change.LSN, sequence uint64, values []change.Value) {
	d.changes = append(d.changes, change.Change{
		Relation:    r.shape,
		Op:          op,
		Version:     change.NewVersion(d.epoch, row),
		Position:    change.Position{Commit: change.LSN(change.NewVersion(d.epoch, d.commit)), Sequence: sequence},
		CommitTime:  d.commitTime,
		Transaction: d.transaction,
		Values:      values,
	})
}
