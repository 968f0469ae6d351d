package partition

import (
	"errors"
	"testing"

	"eventsync/pkg/change"
)

func TestWatermarkIsWhatTheMetadataSays(t *testing.T) {
	w := Watermark{TopicID: "abc", Position: change.Position{Commit: 0x1f, Sequence: 3}, Floor: 0x10, Unsure: 99}
	if got, err := ParseWatermark(w.Metadata()); err != nil || got != w {
		t.Fatalf("%q: %+v, error %v", w.Metadata(), got, err)
	}
	// What was announced may be in the target, whoever goes on from there.
	s := state{topic: "abc", chain: chain(w.Position), intent: newIntent(120, whole)}
	if got, err := ParseWatermark(s.String()); err != nil || got != (Watermark{TopicID: "abc", Position: w.Position, Unsure: 120}) {
		t.Fatalf("%q: %+v, error %v", s, got, err)
	}
	if _, err := ParseWatermark(""); !errors.Is(err, ErrBlank) {
		t.Fatal(err)
	}
	if _, err := ParseWatermark("something else"); err == nil {
		t.Fatal("it is none")
	}
}
