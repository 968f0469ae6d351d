package sink

import (
	"context"
	"fmt"
	"testing"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/consumer/internal/sink/sinktest"
)

// The real engine is what the contract says.
func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T, window int) sinktest.Table {
		s := newSink(t)
		with := fmt.Sprintf(" SETTINGS non_replicated_deduplication_window = %d", window)
		s.exec(t, "CREATE TABLE t (id Int64, part UInt32, _version UInt64) ENGINE = MergeTree PARTITION BY part ORDER BY id"+with)
		s.exec(t, "CREATE TABLE seen (id Int64, part UInt32, n UInt64) ENGINE = SummingMergeTree ORDER BY (id, part)"+with)
		s.exec(t, "CREATE MATERIALIZED VIEW v TO seen AS SELECT id, part, count() AS n FROM t GROUP BY id, part")
		d, err := s.shard().Describe(t.Context(), "t")
		if err != nil || len(d.Findings) > 0 {
			t.Fatalf("findings %v, error %v", d.Findings, err)
		}
		return &engineTable{s.shard().Target(d)}
	})
}

type engineTable struct{ *Target }

func (e *engineTable) Insert(ctx context.Context, token string, rows []sinktest.Row) error {
	var ids proto.ColInt64
	var parts proto.ColUInt32
	var versions proto.ColUInt64
	for _, r := range rows {
		ids, parts, versions = append(ids, r.ID), append(parts, uint32(r.Partition)), append(versions, uint64(r.Version))
	}
	return e.Target.Insert(ctx, "t", token, proto.Input{{Name: "id", Data: &ids}, {Name: "part", Data: &parts}, {Name: "_version", Data: &versions}})
}

func (e *engineTable) Has(ctx context.Context, r sinktest.Row) (int, error) {
	return e.number(ctx, fmt.Sprintf("SELECT count() AS n FROM t WHERE id = %d AND part = %d AND _version = %d", r.ID, r.Partition, uint64(r.Version)))
}

func (e *engineTable) Seen(ctx context.Context, r sinktest.Row) (int, error) {
	return e.number(ctx, fmt.Sprintf("SELECT sum(n) AS n FROM seen WHERE id = %d AND part = %d", r.ID, r.Partition))
}

func (e *engineTable) number(ctx context.Context, query string) (n int, err error) {
	var value proto.ColUInt64
	err = e.Select(ctx, query, proto.Results{{Name: "n", Data: &value}}, func(rows int) error {
		for i := range rows {
			n += int(value[i])
		}
		return nil
	})
	return n, err
}
