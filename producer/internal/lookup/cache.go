package lookup

import (
	"time"

	"eventsync/pkg/change"
)

const (
	// cacheEntries bounds each half of a cache.
	cacheEntries = 100_000
	// cacheAge is when the young half becomes the old one: a value is used for twice as long at most.
	cacheAge = time.Minute
)

// cache holds answers in two halves: when the young one is full or of age, it becomes the old one, which is forgotten
// with the next turn. So it is bounded and ages without a list or a timer.
type cache struct {
	young, old map[string]change.Value
	turned     time.Time
}

// turn turns the halves when it is time. Answers that were had before stay valid for the caller.
func (c *cache) turn(now time.Time) {
	if c.young == nil || len(c.young) >= cacheEntries || now.Sub(c.turned) >= cacheAge {
		c.old, c.young, c.turned = c.young, map[string]change.Value{}, now
	}
}

// get finds the answer of a key. It does not make an old answer young: it would never age.
func (c *cache) get(key []byte) (change.Value, bool) {
	v, ok := c.young[string(key)] // the conversion in an index does not allocate
	if !ok {
		v, ok = c.old[string(key)]
	}
	return v, ok
}

func (c *cache) put(key string, v change.Value) { c.young[key] = v }
