package partition

import (
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient"
)

// counted is a batch that only counts.
type counted struct {
	Batch
	rows int
}

func (c *counted) Append(*codec.Message) (bool, error) {
	c.rows++
	return true, nil
}

func TestTakingAllocatesNothing(t *testing.T) {
	c := change.Change{
		Relation: &change.Relation{Schema: "public", Table: "t", Columns: []change.Column{{Name: "id", Type: change.TypeInt64, Key: true}}},
		Op:       change.Insert, Values: []change.Value{change.IntegerValue(1)},
	}
	var e codec.Encoder
	record := kafkaclient.Record{Value: e.Append(nil, &c, change.Position{})}
	records := []kafkaclient.Record{record, record}
	b := &counted{}
	w, s := &Worker{}, span{batch: b}
	take := func() {
		w.rest = records
		if taken, err := w.take(&s, &w.rest[0]); !taken || err != nil {
			t.Fatal(taken, err)
		}
	}
	take()
	if n := testing.AllocsPerRun(100, take); n != 0 {
		t.Errorf("%v allocations a row", n)
	}
	if b.rows == 0 {
		t.Error("nothing was taken")
	}
}
