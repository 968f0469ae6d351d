package lookup

import (
	"slices"
	"strings"
	"time"

	"eventsync/pkg/change"
)

const (
	// cacheEntries bounds each half of a cache.
	cacheEntries = 100_000
	// A cache's age is when its young half becomes the old one: an answer is used for twice as long at most.
	unwatchedAge = time.Minute
	watchedAge   = 30 * time.Minute
)

// cache holds answers in two halves: when the young one is full or of age, it becomes the old one, which is forgotten
// with the next turn. So it is bounded and ages without a list or a timer.
type cache struct {
	age    time.Duration
	parts  []int // those parts of a key by which answers are evicted
	young  half
	old    half
	turned time.Time
}

// half is one half of a cache.
type half struct {
	answers map[string]change.Value
	// keys are, for each of the cache's parts, the keys that have a text there; some may have been evicted by another part.
	keys []map[string][]string
	// puts bounds the half, not how many answers there are: those that come and go leave their keys behind.
	puts int
}

// index gives which of the parts by which answers are evicted the n-th part of a key is, from now on.
func (c *cache) index(n int) int {
	if i := slices.Index(c.parts, n); i >= 0 {
		return i
	}
	c.parts = append(c.parts, n)
	return len(c.parts) - 1
}

// turn turns the halves when it is time. Answers that were had before stay valid for the caller.
func (c *cache) turn(now time.Time) {
	age := now.Sub(c.turned)
	if c.young.answers != nil && c.young.puts < cacheEntries && age < c.age {
		return
	}
	c.old, c.young, c.turned = c.young, c.empty(), now
	if age >= 2*c.age { // nobody has asked for long
		c.old = half{}
	}
}

func (c *cache) empty() half {
	h := half{answers: map[string]change.Value{}, keys: make([]map[string][]string, len(c.parts))}
	for i := range h.keys {
		h.keys[i] = map[string][]string{}
	}
	return h
}

// get finds the answer of a key. It does not make an old answer young: it would never age.
func (c *cache) get(key []byte) (change.Value, bool) {
	v, ok := c.young.answers[string(key)] // the conversion in an index does not allocate
	if !ok {
		v, ok = c.old.answers[string(key)]
	}
	return v, ok
}

// put keeps an answer, in the half that turn has made.
func (c *cache) put(key string, v change.Value) {
	h := &c.young
	h.answers[key] = v
	h.puts++
	for i, part := range c.parts {
		text := partOf(key, part)
		h.keys[i][text] = append(h.keys[i][text], key)
	}
}

// evict forgets the answers of all keys that have the text in the i-th of the cache's parts, and counts them.
func (c *cache) evict(i int, text []byte) int {
	evicted := 0
	for _, h := range []*half{&c.young, &c.old} {
		if h.answers == nil {
			continue
		}
		for _, key := range h.keys[i][string(text)] {
			if _, ok := h.answers[key]; ok {
				delete(h.answers, key)
				evicted++
			}
		}
		delete(h.keys[i], string(text))
	}
	return evicted
}

// clear forgets all answers, and counts them.
func (c *cache) clear() int {
	evicted := c.len()
	if evicted > 0 {
		c.young, c.old = c.empty(), half{}
	}
	return evicted
}

func (c *cache) len() int { return len(c.young.answers) + len(c.old.answers) }

// partOf gives the n-th part of a key, without its end.
func partOf(key string, n int) string {
	for {
		part, rest, _ := strings.Cut(key, string(keyEnd))
		if n == 0 {
			return part
		}
		key, n = rest, n-1
	}
}
