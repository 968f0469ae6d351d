package recordbatch

// ProducerRecord is what a codec makes of a change: a message to be written. A nil Key or Value is null, and a null Value
// a tombstone.
type ProducerRecord struct {
	Key, Value []byte
	Headers    []Header
}

// Header is one header of a message. A nil Value is null.
type Header struct {
	Key   string
	Value []byte
}

// headersSize is what the headers take in a record, their number included.
func headersSize(headers []Header) int {
	n := varintSize(int64(len(headers)))
	for i := range headers {
		n += varintSize(int64(len(headers[i].Key))) + len(headers[i].Key) + bytesSize(headers[i].Value)
	}
	return n
}
