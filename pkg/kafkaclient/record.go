package kafkaclient

// Record is one fetched record. Key and Value are nil where the record has none, and alias the memory that it was read
// from: whoever hands records out says how long they live.
type Record struct {
	Offset    int64
	Timestamp int64 // milliseconds since 1970-01-01T00:00:00Z
	Key       []byte
	Value     []byte
}
