package batch

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
)

// events is the first user's source table.
func events() *change.Relation {
	return &change.Relation{Schema: "public", Table: "events", Columns: []change.Column{
		{Name: "id", Type: change.TypeInt64, SourceType: "bigint", Key: true},
		{Name: "project_id", Type: change.TypeInt32, SourceType: "integer"},
		{Name: "group_id", Type: change.TypeInt64, SourceType: "bigint"},
		{Name: "author_id", Type: change.TypeInt32, SourceType: "integer"},
		{Name: "target_id", Type: change.TypeInt32, SourceType: "integer"},
		{Name: "target_type", Type: change.TypeText, SourceType: "character varying"},
		{Name: "action", Type: change.TypeInt16, SourceType: "smallint"},
		{Name: "created_at", Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"},
		{Name: "updated_at", Type: change.TypeTimestampTZ, SourceType: "timestamp with time zone"},
	}}
}

// eventsTarget is the first user's target table: schemas/clickhouse/events.sql.
func eventsTarget(tb testing.TB) *Target {
	tb.Helper()
	return target(tb, "events", "ReplacingMergeTree", []TargetColumn{
		{"id", "UInt64", ""},
		{"path", "String", "DEFAULT"},
		{"project_id", "Nullable(UInt64)", ""},
		{"group_id", "Nullable(UInt64)", ""},
		{"author_id", "UInt64", ""},
		{"target_id", "UInt64", ""},
		{"target_type", "LowCardinality(String)", ""},
		{"action", "UInt8", ""},
		{"created_at", "DateTime64(6, 'UTC')", ""},
		{"updated_at", "DateTime64(6, 'UTC')", ""},
		{"_version", "UInt64", ""},
		{"_deleted", "UInt8", ""},
	})
}

func target(tb testing.TB, name, engine string, columns []TargetColumn) *Target {
	tb.Helper()
	t, err := NewTarget(name, engine, columns)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// event is a row as the shop writes it.
func event(r *change.Relation, i int) change.Change {
	kinds := []string{"Issue", "MergeRequest", "Note", "DiffNote", "Milestone", "WikiPage::Meta", "DesignManagement::Design"}
	at := int64(1_700_000_000_000_000) + int64(i)*1_234_567
	return change.Change{
		Relation: r, Op: change.Insert, Version: change.NewVersion(0, change.LSN(1<<32+i*200)),
		Position: change.Position{Commit: change.LSN(1<<32 + i*200), Sequence: uint64(i%1000 + 1)}, CommitTime: at,
		Values: []change.Value{
			change.IntegerValue(int64(10_000_000 + i)), change.IntegerValue(int64(i % 5000)), change.NullValue(),
			change.IntegerValue(int64(i % 90_000)), change.IntegerValue(int64(i * 3)), change.TextValue([]byte(kinds[i%len(kinds)])),
			change.IntegerValue(int64(i%12 + 1)), change.IntegerValue(at), change.IntegerValue(at),
		},
	}
}

// messages encodes n events and decodes them again.
func messages(tb testing.TB, n int) []codec.Message {
	tb.Helper()
	var d codec.Decoder
	decoded := make([]codec.Message, n)
	for i, b := range encoded(n) {
		if err := d.Decode(b, &decoded[i]); err != nil {
			tb.Fatal(err)
		}
	}
	return decoded
}

func encoded(n int) [][]byte {
	var e codec.Encoder
	r := events()
	all := make([][]byte, n)
	previous := change.Position{}
	for i := range all {
		c := event(r, i)
		all[i] = e.Append(nil, &c, previous)
		previous = c.Position
	}
	return all
}

// kept is a Server that keeps what it was given.
type kept struct {
	table, token string
	block        proto.Input
}

func (k *kept) Insert(_ context.Context, table, token string, block proto.Input) error {
	*k = kept{table, token, block}
	return nil
}

func (k *kept) Select(context.Context, string, proto.Results, func(int) error) error {
	return errors.New("nothing is selected here")
}

func BenchmarkAppend(b *testing.B) {
	const rows = 100_000
	raw, decoded := encoded(rows), messages(b, rows)
	for _, decode := range []bool{false, true} {
		b.Run(fmt.Sprintf("decode=%v", decode), func(b *testing.B) {
			batch := eventsTarget(b).NewBatch(&kept{})
			var d codec.Decoder
			var m codec.Message
			if err := d.Decode(raw[0], &m); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if i == rows {
					i = 0
					batch.Reset()
				}
				one := &decoded[i]
				if decode {
					if err := d.Decode(raw[i], &m); err != nil {
						b.Fatal(err)
					}
					one = &m
				}
				if _, err := batch.Append(one); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
