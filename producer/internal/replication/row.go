package replication

import (
	"bytes"
	"fmt"

	"eventsync/pkg/change"
)

// A change's sequence is a function of the messages alone, not of the configuration: it counts what is not published
// too, and an update that comes with its old key takes two numbers, whether it turns out to be two changes or one.

func (d *decoder) insert(row change.LSN, c *cursor) error {
	r, err := d.known(c)
	if err != nil {
		return err
	}
	d.sequence++
	if !d.wanted(r) {
		return nil
	}
	if kind := c.byte(); kind != 'N' {
		return r.malformed(fmt.Errorf("an insert with a tuple %q", kind))
	}
	values, _, err := d.tuple(r, c) // an insert leaves nothing out
	if err != nil {
		return r.malformed(err)
	}
	d.add(r, change.Insert, row, d.sequence, values)
	return nil
}

func (d *decoder) update(row change.LSN, c *cursor) error {
	r, err := d.known(c)
	if err != nil {
		return err
	}
	d.sequence++
	sequence := d.sequence
	kind := c.byte()
	if kind != 'N' {
		d.sequence++
	}
	if !d.wanted(r) {
		return nil
	}
	var old, before []change.Value
	oldTuple := c.b
	switch kind {
	case 'N':
	case 'K', 'O':
		if old, _, err = d.tuple(r, c); err != nil {
			return r.malformed(err)
		}
		if kind == 'K' {
			r.onlyKey(old)
		} else {
			before = old
		}
		kind = c.byte()
	}
	if kind != 'N' {
		return r.malformed(fmt.Errorf("an update with a tuple %q", kind))
	}
	newTuple := c.b
	values, missing, err := d.tuple(r, c)
	if err != nil {
		return r.malformed(err)
	}
	if missing > 0 {
		if old == nil {
			oldTuple = nil
		}
		missing = takeFrom(old, values, missing)
	}
	if missing > 0 {
		d.missing(r, values, newTuple, oldTuple)
	}
	if old == nil || r.sameKey(old, values) {
		d.add(r, change.Update, row, sequence, values)
		d.changes[len(d.changes)-1].Before = before
		return nil
	}
	d.add(r, change.Delete, row, sequence, old)
	d.add(r, change.Insert, row, sequence+1, values)
	return nil
}

func (d *decoder) delete(row change.LSN, c *cursor) error {
	r, err := d.known(c)
	if err != nil {
		return err
	}
	d.sequence++
	if !d.wanted(r) {
		return nil
	}
	kind := c.byte()
	if kind != 'K' && kind != 'O' {
		return r.malformed(fmt.Errorf("a delete with a tuple %q", kind))
	}
	values, _, err := d.tuple(r, c)
	if err != nil {
		return r.malformed(err)
	}
	if kind == 'K' {
		r.onlyKey(values)
	}
	d.add(r, change.Delete, row, d.sequence, values)
	return nil
}

func (d *decoder) truncate(row change.LSN, c *cursor) error {
	count := c.uint32()
	c.byte() // CASCADE, RESTART IDENTITY
	for range count {
		r, err := d.known(c)
		if err != nil {
			return err
		}
		d.sequence++
		if d.wanted(r) {
			d.add(r, change.Truncate, row, d.sequence, nil)
		}
	}
	return nil
}

// onlyKey marks what an old key's tuple has no values for: it has NULLs there.
func (r *relation) onlyKey(values []change.Value) {
	for i := range values {
		if !r.shape.Columns[i].Key {
			values[i] = change.UnavailableValue()
		}
	}
}

// sameKey compares the keys of two tuples.
func (r *relation) sameKey(a, b []change.Value) bool {
	for _, i := range r.key {
		if a[i].Kind != b[i].Kind || a[i].Integer() != b[i].Integer() || !bytes.Equal(a[i].Bytes, b[i].Bytes) {
			return false
		}
	}
	return true
}

// takeFrom fills in values that did not change from the old tuple, and says how many are still missing.
func takeFrom(old, values []change.Value, missing int) int {
	for i := range old {
		if values[i].Kind == change.Unavailable && old[i].Kind != change.Unavailable {
			values[i] = old[i]
			missing--
		}
	}
	return missing
}
