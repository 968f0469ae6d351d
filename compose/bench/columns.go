package main

import (
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// columns are those that the consumer fills, of the target's types: a block of them for each time that events' own are
// repeated.
type columns struct {
	shape   shape
	blocks  []*eventColumns
	version proto.ColUInt64
	deleted proto.ColUInt8
}

func newColumns(s shape) *columns {
	c := &columns{shape: s}
	for range (s + eventsShape - 1) / eventsShape {
		c.blocks = append(c.blocks, newEventColumns())
	}
	return c
}

func (c *columns) append(e *event) {
	left := int(c.shape)
	for _, b := range c.blocks {
		b.append(e, left)
		left -= int(eventsShape)
	}
	c.version.Append(uint64(200 * e.id))
	c.deleted.Append(0)
}

func (c *columns) input() proto.Input {
	var in proto.Input
	for i, b := range c.blocks {
		for j, column := range b.input() {
			if n := i*int(eventsShape) + j; n < int(c.shape) {
				column.Name = c.shape.name(column.Name, n)
				in = append(in, column)
			}
		}
	}
	return append(in, proto.InputColumn{Name: "_version", Data: &c.version}, proto.InputColumn{Name: "_deleted", Data: &c.deleted})
}

func (c *columns) reset() { c.input().Reset() }

// eventColumns are events' own.
type eventColumns struct {
	id, author, target proto.ColUInt64
	project, group     *proto.ColNullable[uint64]
	targetType         *proto.ColLowCardinality[string]
	action             proto.ColUInt8
	created, updated   *proto.ColDateTime64
}

func newEventColumns() *eventColumns {
	return &eventColumns{
		project: new(proto.ColUInt64).Nullable(), group: new(proto.ColUInt64).Nullable(), targetType: new(proto.ColStr).LowCardinality(),
		created: utc(), updated: utc(),
	}
}

func utc() *proto.ColDateTime64 {
	return new(proto.ColDateTime64).WithPrecision(proto.PrecisionMicro).WithLocation(time.UTC)
}

// append appends to the first n columns, of which there are nine.
func (c *eventColumns) append(e *event, n int) {
	switch min(n, int(eventsShape)) {
	case 9:
		c.updated.AppendRaw(proto.DateTime64(e.at))
		fallthrough
	case 8:
		c.created.AppendRaw(proto.DateTime64(e.at))
		fallthrough
	case 7:
		c.action.Append(uint8(e.action))
		fallthrough
	case 6:
		c.targetType.Append(e.targetType)
		fallthrough
	case 5:
		c.target.Append(uint64(e.target))
		fallthrough
	case 4:
		c.group.Append(proto.Nullable[uint64]{Set: e.group != 0, Value: uint64(e.group)})
		fallthrough
	case 3:
		c.author.Append(uint64(e.author))
		fallthrough
	case 2:
		c.project.Append(proto.Nullable[uint64]{Set: e.project != 0, Value: uint64(e.project)})
		fallthrough
	default:
		c.id.Append(uint64(e.id))
	}
}

// input has them in the relation's order.
func (c *eventColumns) input() proto.Input {
	return proto.Input{
		{Name: "id", Data: &c.id},
		{Name: "project_id", Data: c.project},
		{Name: "author_id", Data: &c.author},
		{Name: "group_id", Data: c.group},
		{Name: "target_id", Data: &c.target},
		{Name: "target_type", Data: c.targetType},
		{Name: "action", Data: &c.action},
		{Name: "created_at", Data: c.created},
		{Name: "updated_at", Data: c.updated},
	}
}
