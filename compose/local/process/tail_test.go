package process

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTailIsTheEndFromALineOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tail := newTail()
		var all strings.Builder
		for range rapid.IntRange(0, 20).Draw(t, "writes") {
			line := strings.Repeat("x", rapid.IntRange(0, tailSize+tailSize/2).Draw(t, "length"))
			if rapid.Bool().Draw(t, "newline") {
				line += "\n"
			}
			_, _ = tail.Write([]byte(line))
			_, _ = all.WriteString(line)
		}
		got, whole := tail.String(), all.String()
		if !strings.HasSuffix(whole, got) {
			t.Fatalf("the tail is no end of what was written")
		}
		if len(got) > tailSize {
			t.Fatalf("the tail has %d bytes", len(got))
		}
		if len(whole) <= tailSize && got != whole {
			t.Fatalf("%d of %d bytes were kept", len(got), len(whole))
		}
		if cut := len(whole) - len(got); cut > 0 && strings.Contains(whole[len(whole)-min(len(whole), tailSize):], "\n") && whole[cut-1] != '\n' {
			t.Fatalf("the tail starts inside a line")
		}
	})
}
