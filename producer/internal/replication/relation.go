package replication

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"eventsync/pkg/change"
	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/pgvalue"
)

// relation is a table in the stream.
type relation struct {
	shape *change.Relation // nil for one that is not to be published
	types []pgvalue.Type   // of the shape's columns
	key   []int            // the shape's key columns
	name  string
	oid   uint32
	oids  []uint32 // of the columns' types, domains included
	// operators is the search path on which the key's types have their operators; "" where the catalog's is enough.
	operators string

	from  change.LSN // what was committed before is in the table's snapshot
	stale bool       // described by an earlier connection only
}

// malformed says which relation an error is about.
func (r *relation) malformed(err error) error {
	return fmt.Errorf("a change of %s: %w", r.name, err)
}

// description is a relation as the stream describes it.
type description struct {
	oid     uint32
	name    source.Name
	full    bool // REPLICA IDENTITY FULL, under which every column is marked as a key's
	columns []describedColumn
}

type describedColumn struct {
	name     string
	key      bool
	oid      uint32
	modifier int32
}

func readDescription(c *cursor) (*description, error) {
	d := &description{oid: c.uint32()}
	d.name.Schema = c.string()
	d.name.Table = c.string()
	if d.name.Schema == "" { // how pg_catalog is sent
		d.name.Schema = "pg_catalog"
	}
	d.full = c.byte() == 'f'
	count := int(c.uint16())
	for range count {
		key := c.byte()&1 != 0
		column := describedColumn{name: c.string(), key: key, oid: c.uint32(), modifier: int32(c.uint32())} //nolint:gosec // G115: the bits are kept
		if c.err != nil {
			break
		}
		d.columns = append(d.columns, column)
	}
	return d, c.err
}

// errNotBinary says that the stream, which is in binary, has got to what is read as text only.
var errNotBinary = errors.New("it is not read in binary")

// catalog describes relations with the help of the source's catalog.
type catalog struct {
	session *source.Session
	types   *source.Types
	from    map[source.Name]change.LSN // the configured tables, and where their snapshots end
	names   map[uint32]source.Name     // of those, as they were when the stream began
	binary  bool
	log     *zap.Logger
}

func (g *catalog) describe(ctx context.Context, d *description, known *relation) (*relation, error) {
	name, configured, err := g.configured(ctx, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	r := &relation{name: d.name.String(), from: g.from[name], oid: d.oid}
	if !configured {
		if known == nil {
			g.log.Debug("a table of the publication is not configured: its changes are left out", zap.Stringer("table", d.name))
		}
		return r, nil
	}
	shape := &change.Relation{Schema: name.Schema, Table: name.Table}
	if d.full {
		if err := g.markPrimaryKey(ctx, d); err != nil {
			return nil, err
		}
	}
	var schemas []string
	for i, c := range d.columns {
		t, err := g.types.Resolve(ctx, c.oid, c.modifier)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", r.name, c.name, err)
		}
		if g.binary && !t.Value.Binary() {
			return nil, fmt.Errorf("%s.%s is of type %s: %w", r.name, c.name, t.Name, errNotBinary)
		}
		shape.Columns = append(shape.Columns, t.Column(c.name, c.key))
		r.types = append(r.types, t.Value)
		r.oids = append(r.oids, c.oid)
		if c.key {
			r.key = append(r.key, i)
			schemas = append(schemas, t.Schema)
		}
	}
	r.shape, r.operators = shape, searchPath(schemas)
	if known != nil && known.shape != nil && sameShape(known.shape, shape) {
		r.shape = known.shape // whoever holds something by relation need not make it again
	}
	return r, nil
}

// source is the table's name as it is configured.
func (r *relation) source() source.Name {
	return source.Name{Schema: r.shape.Schema, Table: r.shape.Table}
}

// searchPath is the one with types of these schemas; "" stands for the catalog's.
func searchPath(schemas []string) (path string) {
	for _, s := range slices.Compact(schemas) {
		if s != "" {
			path += ", " + source.Quote(s)
		}
	}
	if path != "" {
		path = "pg_catalog" + path
	}
	return path
}

// markPrimaryKey makes the primary key the key of a relation under REPLICA IDENTITY FULL, if it has one.
func (g *catalog) markPrimaryKey(ctx context.Context, d *description) error {
	key, err := source.PrimaryKey(ctx, g.session, d.oid)
	if err != nil {
		return fmt.Errorf("%s: %w", d.name, err)
	}
	if len(key) == 0 {
		return nil
	}
	for i := range d.columns {
		d.columns[i].key = slices.Contains(key, d.columns[i].name)
	}
	return nil
}

func sameShape(a, b *change.Relation) bool {
	return a.Schema == b.Schema && a.Table == b.Table && slices.Equal(a.Columns, b.Columns)
}
