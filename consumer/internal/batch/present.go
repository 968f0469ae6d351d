package batch

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ClickHouse/ch-go/proto"
)

// DropPresent removes the rows that the target has already, and gives the number of those that are left. It is for a
// batch that may have been inserted, in whole or in part.
//
// A target that keeps one version of a row has it where it has this version or a greater one; any other target has it
// where it has the very version. Rows are told apart by the relation's key; where they have none, by all their columns,
// and then of equal rows so many are removed as the target has.
func (b *Batch) DropPresent(ctx context.Context) (left int, err error) {
	missing, err := b.missing(ctx)
	if err != nil {
		return 0, err
	}
	b.keep(missing)
	return b.rows, nil
}

// Missing gives the number of rows that DropPresent would leave, and leaves them all.
func (b *Batch) Missing(ctx context.Context) (n int, err error) {
	missing, err := b.missing(ctx)
	for _, m := range missing {
		if m {
			n++
		}
	}
	return n, err
}

// missing says of each row whether the target lacks it.
func (b *Batch) missing(ctx context.Context) ([]bool, error) {
	if b.rows == 0 {
		return nil, nil
	}
	if b.plan.identity.version < 0 {
		return nil, fmt.Errorf("table %s has no column %s, so nobody can tell which rows of an interrupted insert it has: ALTER TABLE %s ADD COLUMN %s UInt64 (rows from before are taken for missing, so look first whether those of this batch are there)",
			b.target.name, VersionColumn, identifier(b.target.name), VersionColumn)
	}
	p := newPresence(b)
	if err := b.server.Select(ctx, b.presentQuery(), p.result(), p.mark); err != nil {
		return nil, fmt.Errorf("which rows does table %s have already: %w", b.target.name, err)
	}
	return p.missing(), nil
}

// keep removes the rows whose entry is false.
func (b *Batch) keep(rows []bool) {
	if !slices.Contains(rows, false) {
		return
	}
	b.bytes = 0
	for _, c := range b.columns {
		c.keep(rows)
		b.bytes += c.size()
		b.rows = c.Rows()
	}
}

// presence finds out which rows of a batch a target has. It numbers the rows' identities, so that the target's rows can
// pass by without being kept.
type presence struct {
	newer      bool
	identities interner
	rows       []uint32 // each row's identity
	versions   []byte   // each row's version
	// found is, by identity, the greatest version that the target has plus one; or how many such rows the target has.
	found   []uint64
	answers []answer // the identity's columns, and the version
}

func newPresence(b *Batch) *presence {
	d := &b.plan.identity
	p := &presence{newer: d.newer, identities: newInterner(), rows: make([]uint32, b.rows), versions: b.columns[d.version].(*plain).buf}
	walks := make([]cells, 0, len(d.steps)+1)
	for _, i := range append(d.steps[:len(d.steps):len(d.steps)], d.version) {
		s := &b.plan.steps[i]
		p.answers = append(p.answers, newAnswer(s.typ, &s.conversion))
		walks = append(walks, b.columns[i].cells())
	}
	for i := range p.rows {
		buf := p.identities.buf
		for _, w := range p.told(walks) {
			buf = w.next(buf)
		}
		p.rows[i], _ = p.identities.take(buf)
	}
	p.found = make([]uint64, len(p.identities.ends))
	return p
}

// told gives the columns that tell rows apart: all, but not the version where a newer one stands for an older.
func (p *presence) told(walks []cells) []cells {
	if p.newer {
		return walks[:len(walks)-1]
	}
	return walks
}

func (p *presence) result() proto.Results {
	r := make(proto.Results, len(p.answers))
	for i := range p.answers {
		r[i].Data = p.answers[i]
	}
	return r
}

// mark takes a block of the target's rows.
func (p *presence) mark(rows int) error {
	walks := make([]cells, len(p.answers))
	for i, a := range p.answers {
		walks[i] = a.cells()
	}
	versions := walks[len(walks)-1]
	var row, version []byte
	for range rows {
		row = row[:0]
		for _, w := range p.told(walks) {
			row = w.next(row)
		}
		if p.newer {
			version = versions.next(version[:0])
		}
		number, _, known := p.identities.find(row)
		switch {
		case !known:
		case p.newer:
			p.found[number] = max(p.found[number], binary.LittleEndian.Uint64(version)+1)
		default:
			p.found[number]++
		}
	}
	return nil
}

// missing says of each row whether the target lacks it.
func (p *presence) missing() []bool {
	missing := make([]bool, len(p.rows))
	for i, number := range p.rows {
		if p.newer {
			missing[i] = binary.LittleEndian.Uint64(p.versions[i*8:]) >= p.found[number]
		} else if missing[i] = p.found[number] == 0; !missing[i] {
			p.found[number]--
		}
	}
	return missing
}
