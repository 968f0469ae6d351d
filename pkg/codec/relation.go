package codec

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"eventsync/pkg/change"
)

// Fingerprint identifies an encoded relation descriptor: equal fingerprints mean equal descriptors.
func Fingerprint(descriptor []byte) uint64 {
	h := sha256.Sum256(descriptor)
	return binary.BigEndian.Uint64(h[:])
}

// AppendRelation appends the relation's descriptor. The same relation always gives the same bytes.
func AppendRelation(b []byte, r *change.Relation) []byte {
	b = appendString(b, relationSchema, r.Schema)
	b = appendString(b, relationTable, r.Table)
	var col []byte
	for i := range r.Columns {
		col = appendColumn(col[:0], &r.Columns[i])
		b = protowire.AppendTag(b, relationColumns, protowire.BytesType)
		b = protowire.AppendBytes(b, col)
	}
	return b
}

func appendColumn(b []byte, c *change.Column) []byte {
	b = appendString(b, columnName, c.Name)
	b = appendVarint(b, columnType, uint64(c.Type))
	b = appendString(b, columnSourceType, c.SourceType)
	b = appendVarint(b, columnKey, protowire.EncodeBool(c.Key))
	b = appendVarint(b, columnPrecision, uint64(c.Precision))
	return appendVarint(b, columnScale, uint64(int64(c.Scale))) //nolint:gosec // G115: an int32 is sign-extended on the wire
}

func appendString(b []byte, n protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	return protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), s)
}

func appendVarint(b []byte, n protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), v)
}

// DecodeRelation reads a descriptor. It keeps nothing of b.
func DecodeRelation(b []byte) (*change.Relation, error) {
	r := &change.Relation{}
	err := eachField(b, func(n protowire.Number, v field) error {
		switch n {
		case relationSchema:
			r.Schema = string(v.bytes)
		case relationTable:
			r.Table = string(v.bytes)
		case relationColumns:
			c, err := decodeColumn(v.bytes)
			if err != nil {
				return fmt.Errorf("column %d: %w", len(r.Columns), err)
			}
			r.Columns = append(r.Columns, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("relation descriptor: %w", err)
	}
	return r, nil
}

func decodeColumn(b []byte) (c change.Column, err error) {
	err = eachField(b, func(n protowire.Number, v field) error {
		switch n {
		case columnName:
			c.Name = string(v.bytes)
		case columnType:
			if v.number > math.MaxUint8 {
				return fmt.Errorf("type %d is not known", v.number)
			}
			c.Type = change.Type(v.number)
		case columnSourceType:
			c.SourceType = string(v.bytes)
		case columnKey:
			c.Key = v.number != 0
		case columnPrecision:
			c.Precision = uint32(v.number) //nolint:gosec // G115: Protobuf truncates a uint32 likewise
		case columnScale:
			c.Scale = int32(v.number) //nolint:gosec // G115: Protobuf truncates an int32 likewise
		}
		return nil
	})
	return c, err
}
