package batch

import (
	"bytes"
	"hash/maphash"
)

const (
	firstTableSize = 1 << 8 // slots
	hashMultiplier = 2      // slots per value at least
)

// interner numbers distinct byte strings in the order of their first appearance.
type interner struct {
	buf    []byte // the values, one behind the other
	ends   []int  // where each ends
	hidden int    // so many of the first are never found

	seed  maphash.Seed
	table []uint32 // open addressing: 1 + the number of a value; 0 is free
	mask  uint64   // len(table) - 1: a power of two's
}

func newInterner() interner {
	return interner{seed: maphash.MakeSeed(), table: make([]uint32, firstTableSize), mask: firstTableSize - 1}
}

// find gives the number of a value, and where it would be in the table if it is not known.
func (n *interner) find(value []byte) (number uint32, slot uint64, known bool) {
	for slot = maphash.Bytes(n.seed, value) & n.mask; ; slot = (slot + 1) & n.mask {
		entry := n.table[slot]
		if entry == 0 {
			return 0, slot, false
		}
		if bytes.Equal(n.value(entry-1), value) {
			return entry - 1, slot, true
		}
	}
}

// take numbers the value that buf holds behind the last one, and cuts it off where it is known already.
func (n *interner) take(buf []byte) (number uint32, known bool) {
	start := len(n.buf)
	number, slot, known := n.find(buf[start:])
	if known {
		n.buf = buf[:start]
		return number, true
	}
	number = uint32(len(n.ends)) //nolint:gosec // G115: a batch has fewer rows than 2^32
	n.buf = buf
	n.ends = append(n.ends, len(buf))
	n.table[slot] = number + 1
	if len(n.ends)*hashMultiplier > len(n.table) {
		n.grow()
	}
	return number, false
}

func (n *interner) value(number uint32) []byte {
	start := 0
	if number > 0 {
		start = n.ends[number-1]
	}
	return n.buf[start:n.ends[number]]
}

func (n *interner) grow() {
	n.table, n.mask = make([]uint32, 2*len(n.table)), 2*n.mask+1
	n.index()
}

// index enters the values into an empty table.
func (n *interner) index() {
	for i := n.hidden; i < len(n.ends); i++ {
		number := uint32(i) //nolint:gosec // G115: a batch has fewer rows than 2^32
		slot := maphash.Bytes(n.seed, n.value(number)) & n.mask
		for n.table[slot] != 0 {
			slot = (slot + 1) & n.mask
		}
		n.table[slot] = number + 1
	}
}

// reset forgets all values and keeps the memory.
func (n *interner) reset() {
	clear(n.table)
	n.buf, n.ends = n.buf[:0], n.ends[:0]
}
