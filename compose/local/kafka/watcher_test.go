package kafka

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWatcherSeesTheWordsHoweverTheyAreCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ab]{0,30}`).Draw(t, "text")
		words := rapid.StringMatching(`[ab]{1,4}`).Draw(t, "words")
		var log strings.Builder
		w := newWatcher(words, &log)
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			if _, err := w.Write([]byte(rest[:n])); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		seen := false
		select {
		case <-w.seen:
			seen = true
		default:
		}
		if seen != strings.Contains(text, words) {
			t.Fatalf("seen: %v", seen)
		}
		if log.String() != text {
			t.Fatalf("passed on %q", log.String())
		}
	})
}
