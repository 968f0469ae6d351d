package recordbatch

// Split moves the later half of the records to another Builder, which is empty before.
func (b *Builder) Split(to *Builder) {
	rest, kept := b.records, b.count/2
	end := 0
	b.maxTimestamp = b.firstTimestamp
	for i := int32(0); i < b.count; i++ {
		length, record, _ := varint(rest) // this Builder wrote it: it is whole
		record, rest = record[:length], record[length:]
		delta, record, _ := varint(record[1:]) // behind the attributes
		_, tail, _ := varint(record)           // behind the offset
		timestamp := b.firstTimestamp + delta
		if i < kept {
			end = len(b.records) - len(rest)
			b.maxTimestamp = max(b.maxTimestamp, timestamp)
		} else {
			to.appendTail(timestamp, tail)
		}
	}
	b.records, b.count = b.records[:end], kept
}
