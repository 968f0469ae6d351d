package deadletter

import (
	"fmt"
	"strconv"
	"strings"

	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/pkg/letter"
)

// Place is where a message is, or was.
type Place struct {
	Topic     string
	Partition int
	Offset    int64
}

func (p Place) String() string { return fmt.Sprintf("%s/%d/%d", p.Topic, p.Partition, p.Offset) }

// Letter is a message that cannot be synced.
type Letter struct {
	Place
	// Record is the message as it was read.
	Record kafkaclient.Record
	// Code is one word for the reason; Detail is a sentence.
	Code, Detail string
}

// maxDetail bounds the sentence: a server's exception may quote the values that it refuses.
const maxDetail = 4 << 10

// parts are how much of the original a letter has: all, or less and less of it where it is too large.
type parts int

const (
	whole parts = iota
	withoutValue
	withoutHeaders
	withoutKey
)

// omitted are those that are left out.
func (p parts) omitted() []string {
	return []string{"value", "headers", "key"}[:p:p]
}

// record is the message in the topic of dead letters. Our own headers are in front of the original's.
func (l *Letter) record(group string, p parts) recordbatch.ProducerRecord {
	header := func(name, value string) recordbatch.Header {
		return recordbatch.Header{Key: name, Value: []byte(value)}
	}
	r := recordbatch.ProducerRecord{
		Headers: []recordbatch.Header{
			header(letter.Reason, l.Code),
			header(letter.Detail, shortened(l.Detail)),
			header(letter.Topic, l.Topic),
			header(letter.Partition, strconv.Itoa(l.Partition)),
			header(letter.Offset, strconv.FormatInt(l.Offset, 10)),
			header(letter.Timestamp, strconv.FormatInt(l.Record.Timestamp, 10)),
			header(letter.Group, group),
		},
	}
	own, err := l.Record.Headers.Parse()
	omitted := p.omitted()
	if err != nil && p < withoutHeaders {
		omitted = append(omitted, "headers") // nobody can read them
	}
	if len(omitted) > 0 {
		r.Headers = append(r.Headers, header(letter.Omitted, strings.Join(omitted, ",")), header(letter.Size, strconv.Itoa(len(l.Record.Value))))
	}
	if p < withoutValue {
		r.Value = l.Record.Value
	}
	if p < withoutHeaders {
		r.Headers = append(r.Headers, own...)
	}
	if p < withoutKey {
		r.Key = l.Record.Key
	}
	return r
}

func shortened(text string) string {
	if len(text) <= maxDetail {
		return text
	}
	return strings.ToValidUTF8(text[:maxDetail], "") + "..."
}
