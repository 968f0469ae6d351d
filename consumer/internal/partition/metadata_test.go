package partition

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

// What is written is read, and stays far below what a broker keeps.
func TestMetadataIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := state{
			topic:  rapid.StringMatching(`([0-9a-f]{32})?`).Draw(t, "topic"),
			chain:  chain{Commit: change.LSN(rapid.Uint64().Draw(t, "commit")), Sequence: rapid.Uint64().Draw(t, "sequence")},
			floor:  change.Version(rapid.Uint64().Draw(t, "floor")),
			unsure: rapid.Int64Range(0, 1<<62).Draw(t, "unsure"),
		}
		if rapid.Bool().Draw(t, "quiet") {
			want.quiet = time.Unix(rapid.Int64Range(1, 1<<40).Draw(t, "since"), 0)
		}
		if rapid.Bool().Draw(t, "intent") {
			want.intent = newIntent(rapid.Int64Range(1, 1<<62).Draw(t, "end"), rapid.SampledFrom([]kind{whole, part, truncated}).Draw(t, "kind"))
			want.intent.made = time.Unix(rapid.Int64Range(0, 1<<40).Draw(t, "made"), 0)
		}
		text := want.String()
		if len(text) > 400 {
			t.Fatalf("%d bytes: %s", len(text), text)
		}
		got, err := parseMetadata(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q: got %+v, want %+v, error %v", text, got, want, err)
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add("es1 T=0123 L=1f:3 F=a U=9 Q=1700000000 I=12:0011223344556677:whole:1700000000")
	f.Add("es1 L=0:0")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseMetadata(text)
		if err != nil || text == "" {
			return
		}
		again, err := parseMetadata(s.String())
		if err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%q is %+v, and again %+v, error %v", text, s, again, err)
		}
	})
}
