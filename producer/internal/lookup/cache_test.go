package lookup

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"eventsync/pkg/change"
)

func key(parts ...string) string {
	k := ""
	for _, p := range parts {
		k += string(keyValue) + p + string(keyEnd)
	}
	return k
}

func TestCacheIsBounded(t *testing.T) {
	c := cache{age: time.Minute}
	c.index(0)
	held := func() (n int) {
		for _, h := range []half{c.young, c.old} {
			n += len(h.answers)
			for _, keys := range h.keys {
				for _, k := range keys {
					n += len(k)
				}
			}
		}
		return n
	}
	for i := range 5 * cacheEntries {
		c.turn(time.Unix(0, 0))
		c.put(key(fmt.Sprint(i)), change.NullValue())
	}
	if n := held(); n > 4*cacheEntries {
		t.Errorf("%d entries are kept", n)
	}
	// Nor do answers that come and go leave more and more behind in the other part's index.
	c = cache{age: time.Minute}
	c.index(0)
	c.index(1)
	for range 5 * cacheEntries {
		c.turn(time.Unix(0, 0))
		c.put(key("1", "2"), change.NullValue())
		c.evict(0, []byte("v1"))
	}
	if n := held(); n > 4*cacheEntries {
		t.Errorf("%d entries are kept of one key", n)
	}
}

func TestCacheAges(t *testing.T) {
	c, start, k := cache{age: time.Minute}, time.Unix(1_000_000, 0), key("1")
	c.turn(start)
	c.put(k, change.BoolValue(true))
	for _, step := range []struct {
		after time.Duration
		found bool
	}{{59 * time.Second, true}, {61 * time.Second, true}, {120 * time.Second, true}, {122 * time.Second, false}} {
		c.turn(start.Add(step.after))
		if _, found := c.get([]byte(k)); found != step.found {
			t.Errorf("after %v it is found: %v", step.after, found)
		}
	}
	c.turn(start.Add(time.Hour))
	c.put(k, change.BoolValue(true))
	c.turn(start.Add(time.Hour + 2*time.Minute)) // nobody has asked meanwhile
	if _, found := c.get([]byte(k)); found {
		t.Error("an answer outlives both of its minutes when nobody asks meanwhile")
	}
}

// Whatever is put, evicted by either part and turned, the cache finds what a plain map would, or nothing.
func TestCacheIsAMapThatForgets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := cache{age: time.Hour}
		c.index(1)
		c.index(0)
		want := map[string]int64{}
		part := rapid.SampledFrom([]string{"", "1", "2", "12"})
		now := time.Unix(1_000_000, 0)
		c.turn(now)
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				k, n := key(part.Draw(t, "a"), part.Draw(t, "b")), rapid.Int64().Draw(t, "value")
				c.put(k, change.IntegerValue(n))
				want[k] = n
			},
			"evict": func(t *rapid.T) {
				at, text := rapid.IntRange(0, 1).Draw(t, "part"), part.Draw(t, "text")
				c.evict(at, []byte(string(keyValue)+text))
				for k := range want {
					if partOf(k, c.parts[at]) == string(keyValue)+text {
						delete(want, k)
					}
				}
			},
			"clear": func(*rapid.T) { c.clear(); clear(want) },
			"turn":  func(*rapid.T) { now = now.Add(time.Hour); c.turn(now) },
			"": func(t *rapid.T) {
				for _, a := range []string{"", "1", "2", "12"} {
					for _, b := range []string{"", "1", "2", "12"} {
						k := key(a, b)
						got, ok := c.get([]byte(k))
						if n, known := want[k]; ok && (!known || got.Integer() != n) {
							t.Fatalf("%q is %d, want %d (known: %v)", k, got.Integer(), n, known)
						}
					}
				}
			},
		})
	})
}
