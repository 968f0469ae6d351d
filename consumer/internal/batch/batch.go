package batch

import (
	"context"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// Server is ClickHouse, as far as a batch needs it.
type Server interface {
	// Insert tries once to insert one block into a table. The token is the block's identity: of two inserts with the same
	// one only one is kept.
	Insert(ctx context.Context, table, token string, block proto.Input) error
	// Select runs a query in the database of the tables, and calls onBlock each time that a block of rows has been read
	// into result.
	Select(ctx context.Context, query string, result proto.Results, onBlock func(rows int) error) error
}

// Batch collects rows for one INSERT. It belongs to one goroutine.
type Batch struct {
	target  *Target
	server  Server
	plans   map[*change.Relation]*plan
	plan    *plan
	columns []column // one per step of the plan
	rows    int
	bytes   int
	largest int // bytes since the columns were made
	unused  int // resets in a row that found little of that
	// The values of the row being added that come from the change itself; here, since on the stack they would escape.
	version, deleted change.Value
}

// NewBatch makes an empty batch.
func (t *Target) NewBatch(s Server) *Batch {
	return &Batch{target: t, server: s, plans: map[*change.Relation]*plan{}}
}

// Append adds a change; it keeps nothing of the message. Not added without an error means that the change's relation
// fills other columns than the rows so far: insert the batch, then append again. The errors are *RefusedError, which
// says what does not fit, and *UnsupportedError, which is about every such change; after either the batch is as it was.
func (b *Batch) Append(m *codec.Message) (added bool, err error) {
	if b.plan == nil || b.plan.relation != m.Relation {
		if ok, err := b.follow(m.Relation); !ok {
			return false, err
		}
	}
	if m.Op >= change.Delete {
		if err := b.target.check(m.Op); err != nil {
			return false, err
		}
	}
	if m.Position.IsZero() && (m.Op == change.Insert || m.Op == change.Update) {
		if err := b.plan.checkAvailable(b.target, m.Values); err != nil {
			return false, err
		}
	}
	b.version = change.IntegerValue(int64(m.Version)) //nolint:gosec // G115: the bits are kept
	b.deleted = change.BoolValue(m.Op == change.Delete)
	grown := 0
	for i := range b.plan.steps {
		s := &b.plan.steps[i]
		var v *change.Value
		switch s.source {
		case fromVersion:
			v = &b.version
		case fromDeleted:
			v = &b.deleted
		default:
			v = &m.Values[s.source]
		}
		n, err := b.columns[i].append(&s.conversion, v)
		if err != nil {
			return false, b.refuse(i, v, err)
		}
		grown += n
	}
	b.rows++
	b.bytes += grown
	return true, nil
}

// follow changes over to a relation's plan, unless that fills other columns and there are rows.
func (b *Batch) follow(r *change.Relation) (bool, error) {
	p, ok := b.plans[r]
	if !ok {
		var err error
		if p, err = newPlan(r, b.target); err != nil {
			return false, err
		}
		b.plans[r] = p
	}
	if b.plan == nil || !b.plan.fills(p) {
		if b.rows > 0 {
			return false, nil
		}
		b.columns = make([]column, len(p.steps))
		for i := range p.steps {
			b.columns[i] = newColumn(p.steps[i].typ, &p.steps[i].conversion)
		}
	}
	b.plan = p
	return true, nil
}

// refuse takes back the row whose value for the step does not fit.
func (b *Batch) refuse(step int, v *change.Value, reason error) error {
	for _, c := range b.columns[:step] {
		c.truncate(b.rows)
	}
	s := &b.plan.steps[step]
	r := b.plan.relation
	c := change.Column{Name: s.name}
	if s.source >= 0 {
		c = r.Columns[s.source]
	}
	return &RefusedError{
		Relation: r.Name(), Column: s.name, SourceType: c.SourceType, Value: shown(c.Type, v),
		Target: b.target.name, TargetType: s.typ.text, Reason: reason.Error(),
	}
}

// Rows is the number of rows.
func (b *Batch) Rows() int { return b.rows }

// Bytes is the size of the rows as they are sent, before compression.
func (b *Batch) Bytes() int { return b.bytes }

// Insert sends the rows as one block under the token, once. The batch stays as it is, so that it can be sent again.
func (b *Batch) Insert(ctx context.Context, token string) error {
	return b.server.Insert(ctx, b.target.name, token, b.input())
}

func (b *Batch) input() proto.Input {
	in := make(proto.Input, len(b.columns))
	for i := range b.columns {
		in[i] = proto.InputColumn{Name: b.plan.steps[i].name, Data: b.columns[i]}
	}
	return in
}

// How much of its memory a batch has to use, in how many tries, to keep it.
const (
	worthKeeping = 1 << 20 // bytes; less is always kept
	usedShare    = 4       // one part of so many
	patience     = 16      // batches
)

// Reset removes all rows. It keeps the memory, unless that is much, and many batches in a row have used little of it: what
// one backlog took is given back when it is over.
func (b *Batch) Reset() {
	b.largest = max(b.largest, b.bytes)
	if b.unused++; b.bytes >= b.largest/usedShare {
		b.unused = 0
	}
	b.rows, b.bytes = 0, 0
	if b.largest > worthKeeping && b.unused >= patience {
		b.plan, b.columns, b.largest, b.unused = nil, nil, 0, 0
		return
	}
	for _, c := range b.columns {
		c.reset()
	}
}
