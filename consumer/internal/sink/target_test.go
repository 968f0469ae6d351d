package sink

import (
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

// target makes a table of versions, and its handle.
func (s *Sink) target(t *testing.T, definition string) *Target {
	t.Helper()
	s.exec(t, "CREATE TABLE t (id UInt64, _version UInt64) "+definition)
	d, err := s.shard().Describe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	return s.shard().Target(d)
}

// put inserts a row for each version.
func (s *Sink) put(t *testing.T, token string, versions ...uint64) {
	t.Helper()
	c := proto.ColUInt64(versions)
	if err := s.shard().Insert(t.Context(), "t", token, proto.Input{{Name: "id", Data: &c}, {Name: "_version", Data: &c}}); err != nil {
		t.Fatal(err)
	}
}

func remembers(t *testing.T, target *Target, since time.Time) bool {
	t.Helper()
	is, err := target.Remembers(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

// Tokens are remembered as long as fewer blocks came since than the window has, whatever was merged meanwhile.
func TestRemembers(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = ReplacingMergeTree(_version) ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	if !remembers(t, target, time.Now()) {
		t.Error("a table without rows has forgotten something")
	}
	for v := range uint64(4) {
		s.put(t, string(rune('a'+v)), v+1)
	}
	s.exec(t, "OPTIMIZE TABLE t FINAL")
	if !remembers(t, target, time.Now()) {
		t.Error("4 blocks have left a window of 5")
	}
	s.put(t, "e", 5)
	if remembers(t, target, time.Now()) {
		t.Error("5 blocks are in a window of 5 with room for one more")
	}
	s.exec(t, "ALTER TABLE t MODIFY SETTING non_replicated_deduplication_window = 6")
	if !remembers(t, target, time.Now()) {
		t.Error("an altered window is not seen")
	}
	s.exec(t, "ALTER TABLE t MODIFY SETTING non_replicated_deduplication_window = 0")
	if remembers(t, target, time.Now()) {
		t.Error("a table without a window remembers")
	}
	s.exec(t, "DROP TABLE t SYNC")
	if _, err := target.Remembers(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}
}

// What an insert adds is a block for each of the table's partitions.
func TestRemembersByPartition(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = MergeTree PARTITION BY id ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	s.put(t, "a", 1, 2, 3, 4)
	if !remembers(t, target, time.Now()) {
		t.Error("4 blocks have left a window of 5")
	}
	s.put(t, "b", 1)
	if remembers(t, target, time.Now()) {
		t.Error("5 blocks are in a window of 5 with room for one more")
	}
}

func TestDeleteBelow(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = ReplacingMergeTree(_version) ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	s.put(t, "a", 1, 2, 3)
	s.put(t, "b", 1<<63+1, 4)
	for range 2 { // it does no harm again
		if err := target.DeleteBelow(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		if n := s.number(t, "SELECT count() AS n FROM t"); n != 3 {
			t.Fatalf("%d rows, want those of the versions 3, 4 and 2^63+1", n)
		}
	}
	s.exec(t, "CREATE TABLE without (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	d, err := s.shard().Describe(t.Context(), "without")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.shard().Target(d).DeleteBelow(t.Context(), 3); KindOf(err) != Stop || !strings.Contains(err.Error(), "ADD COLUMN _version") {
		t.Errorf("error %v, want one that stops and says what to do", err)
	}
}

func TestStarted(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = ReplacingMergeTree(_version) ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	got, err := target.Started(t.Context())
	if since := time.Since(got); err != nil || since <= 0 || since > 24*time.Hour {
		t.Errorf("%v ago, error %v", since, err)
	}
	target.replicas = 2
	if got, err := target.Started(t.Context()); err != nil || !got.IsZero() {
		t.Errorf("one of two replicas: %v, error %v", got, err)
	}
}

func TestHasViews(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = ReplacingMergeTree(_version) ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	for _, want := range []bool{false, true} {
		if got, err := target.HasViews(t.Context()); err != nil || got != want {
			t.Errorf("views: %v, want %v; error %v", got, want, err)
		}
		s.exec(t, "CREATE MATERIALIZED VIEW IF NOT EXISTS v ENGINE = MergeTree ORDER BY tuple() AS SELECT count() AS n FROM t")
	}
}

// A profile's limits leave nothing out.
func TestSelectGivesAllRows(t *testing.T) {
	s := newSink(t)
	s.target(t, "ENGINE = ReplacingMergeTree(_version) ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	s.put(t, "a", 1, 2, 3)
	var id proto.ColUInt64
	rows := 0
	err := s.shard().Select(t.Context(), "SELECT id FROM t", proto.Results{{Name: "id", Data: &id}}, func(n int) error { rows += n; return nil })
	if err != nil || rows != 3 {
		t.Errorf("%d rows, error %v", rows, err)
	}
	if err := s.shard().Select(t.Context(), "SELECT nothing FROM t", proto.Results{{Name: "id", Data: &id}}, func(int) error { return nil }); KindOf(err) != Stop {
		t.Errorf("error %v", err)
	}
}

// Parts that a DELETE has emptied are gone after a while. Then only the number that it left in others tells of them.
func TestRemembersCountsDeletes(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 5")
	for v := range uint64(4) {
		s.put(t, string(rune('a'+v)), v+1)
	}
	if !remembers(t, target, time.Now()) {
		t.Error("4 blocks have left a window of 5")
	}
	if err := target.DeleteBelow(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	if remembers(t, target, time.Now()) {
		t.Error("the DELETE's number does not count")
	}
}

// A view's target can forget what the table remembers, and would count a block again.
func TestRemembersForViews(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100")
	s.exec(t, "CREATE TABLE pass (id UInt64) ENGINE = Null")
	s.exec(t, "CREATE TABLE n (n UInt64) ENGINE = SummingMergeTree ORDER BY tuple() SETTINGS non_replicated_deduplication_window = 3")
	s.exec(t, "CREATE MATERIALIZED VIEW a TO pass AS SELECT id FROM t")
	s.exec(t, "CREATE MATERIALIZED VIEW b TO n AS SELECT count() AS n FROM pass")
	for v := range uint64(3) {
		if !remembers(t, target, time.Now()) {
			t.Errorf("%d blocks have left a window of 3", v)
		}
		s.put(t, string(rune('a'+v)), v+1)
	}
	if remembers(t, target, time.Now()) {
		t.Error("the view's target has room for one more")
	}
}

// What was inserted long ago does not count.
func TestRemembersSince(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 3")
	for v := range uint64(4) {
		s.put(t, string(rune('a'+v)), v+1)
	}
	if remembers(t, target, time.Now()) {
		t.Error("4 blocks are in a window of 3")
	}
	if !remembers(t, target, time.Now().Add(clockSkew+time.Minute)) {
		t.Error("blocks count that are older")
	}
}

// A replica is asked once it has caught up, on the connection that asks it.
func TestReplicasCatchUpFirst(t *testing.T) {
	s := newSink(t)
	target := s.target(t, "ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 3")
	target.replicated = true // which the server denies
	var id proto.ColUInt64
	if err := target.Select(t.Context(), "SELECT id FROM t", proto.Results{{Name: "id", Data: &id}}, func(int) error { return nil }); err == nil || !strings.Contains(err.Error(), "not replicated") {
		t.Errorf("select: error %v", err)
	}
	if is, err := target.Remembers(t.Context(), time.Now()); is || err == nil || !strings.Contains(err.Error(), "not replicated") {
		t.Errorf("remembers: %v, error %v", is, err)
	}
}
