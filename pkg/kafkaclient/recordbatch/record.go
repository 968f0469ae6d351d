package recordbatch

import "bytes"

// Record is one message as it was read from a partition.
type Record struct {
	Offset    int64
	Timestamp int64 // milliseconds since 1970-01-01T00:00:00Z
	// Key and Value are nil when they are null.
	Key, Value []byte
	// Headers are still encoded: most readers never look at them.
	Headers RawHeaders
}

// Clone copies the record into memory of its own.
func (r Record) Clone() Record {
	r.Key, r.Value, r.Headers = bytes.Clone(r.Key), bytes.Clone(r.Value), bytes.Clone(r.Headers)
	return r
}
