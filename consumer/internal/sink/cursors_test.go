package sink

import (
	"maps"
	"testing"
	"time"

	"eventsync/schemas"
)

func TestCursorsAreReadBack(t *testing.T) {
	s := newSink(t)
	if found, err := s.ReadCursors(t.Context(), "t"); err != nil || len(found) != 0 {
		t.Fatalf("without the table: %v, %v", found, err)
	}
	text, err := schemas.Files.ReadFile("clickhouse/sync_cursors.sql")
	if err != nil {
		t.Fatal(err)
	}
	s.exec(t, string(text))
	at := time.UnixMicro(1_700_000_000_123_456).UTC()
	old := Cursor{Table: "t", Partition: 1, Group: "a", Offset: 10, Complete: 9, LSN: 8, At: at}
	other := Cursor{Table: "it's another", Partition: 1, Group: "c", Offset: 5, Complete: 5, At: at}
	none := Cursor{Table: "t", Partition: 0, Group: "a", At: at}
	newer := Cursor{Table: "t", Partition: 1, Group: "b", TopicID: "x_-y", Offset: 7, Complete: 6, LSN: 1 << 60, At: at.Add(time.Microsecond)}
	for _, c := range [][]Cursor{{old, other}, {newer, none}} {
		if err := s.WriteCursors(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := s.ReadCursors(t.Context(), "t"); err != nil || !maps.Equal(found, map[int]Cursor{0: none, 1: newer}) {
		t.Errorf("%+v, %v", found, err)
	}
	if found, err := s.ReadCursors(t.Context(), other.Table); err != nil || !maps.Equal(found, map[int]Cursor{1: other}) {
		t.Errorf("%+v, %v", found, err)
	}
}
