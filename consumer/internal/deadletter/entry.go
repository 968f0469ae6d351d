package deadletter

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/kafkaclient/recordbatch"
	"eventsync/pkg/letter"
)

// Entry is a letter as it is in the topic of dead letters, written by a consumer or by a producer.
type Entry struct {
	Partition int       `json:"partition"`
	Offset    int64     `json:"offset"`
	Buried    time.Time `json:"buried"`
	Reason    string    `json:"reason"`
	Detail    string    `json:"detail,omitempty"`
	Group     string    `json:"group,omitempty"`
	// Topic and the others are the place of the original; SourceOffset is -1 where it has none: the producer's letters
	// are of changes that fitted into no message.
	Topic           string `json:"topic"`
	SourcePartition int    `json:"source_partition"`
	SourceOffset    int64  `json:"source_offset"`
	Table           string `json:"table,omitempty"`
	Key             string `json:"key"`
	Size            int    `json:"size"` // of the value as it was
	// Omitted are the parts of the original that the letter lacks.
	Omitted []string `json:"omitted,omitempty"`
	// Replayed is when it was last published again; nil for never.
	Replayed *time.Time `json:"replayed,omitempty"`

	// Record is the letter itself, and Headers are those of the original: what of it is there.
	Record  kafkaclient.Record   `json:"-"`
	Headers []recordbatch.Header `json:"-"`

	timestamp int64      // of the original
	replays   *letterID  // not nil: the entry is no letter but a note that one was replayed
	about     []Property // what else its writer says
}

// letterID is where a letter is, within its topic.
type letterID struct {
	partition int
	offset    int64
}

func (id letterID) String() string { return fmt.Sprintf("%d:%d", id.partition, id.offset) }

// Property is a header of the letter's own.
type Property struct{ Name, Value string }

// Place is where the original is, or was.
func (e *Entry) Place() Place {
	return Place{Topic: e.Topic, Partition: e.SourcePartition, Offset: e.SourceOffset}
}

// FromProducer says that the letter is of a change that never was a message.
func (e *Entry) FromProducer() bool { return e.Reason == letter.Oversize }

// Properties are what the letter's own headers say, in their order.
func (e *Entry) Properties() []Property { return e.about }

// own are the headers that a letter's writer puts in front of the original's, each once.
var own = map[string]bool{
	letter.Reason: true, letter.Detail: true, letter.Topic: true, letter.Partition: true, letter.Offset: true, letter.Timestamp: true,
	letter.Group: true, letter.Omitted: true, letter.Table: true, letter.Position: true, letter.Version: true, letter.Epoch: true,
	letter.Op: true, letter.Size: true, letter.Limit: true, letter.Replays: true,
}

// entryOf reads a record of the topic of dead letters.
func entryOf(partition int, r *kafkaclient.Record) (Entry, error) {
	headers, err := r.Headers.Parse()
	if err != nil {
		return Entry{}, fmt.Errorf("letter %d:%d: %w", partition, r.Offset, err)
	}
	e := Entry{
		Partition: partition, Offset: r.Offset, Buried: time.UnixMilli(r.Timestamp).UTC(), SourceOffset: -1,
		Key: string(r.Key), Size: len(r.Value), Record: *r,
	}
	seen := map[string]bool{}
	n := 0
	for ; n < len(headers) && own[headers[n].Key] && !seen[headers[n].Key]; n++ {
		seen[headers[n].Key] = true
		e.about = append(e.about, Property{headers[n].Key, string(headers[n].Value)})
		if err := e.set(headers[n].Key, string(headers[n].Value)); err != nil {
			return e, fmt.Errorf("letter %d:%d: header %s: %w", partition, r.Offset, headers[n].Key, err)
		}
	}
	if e.Reason == "" {
		return e, fmt.Errorf("message %d:%d is no dead letter: it has no header %s", partition, r.Offset, letter.Reason)
	}
	e.Headers = headers[n:]
	return e, nil
}

func (e *Entry) set(name, value string) (err error) {
	switch name {
	case letter.Reason:
		e.Reason = value
	case letter.Detail:
		e.Detail = value
	case letter.Topic:
		e.Topic = value
	case letter.Partition:
		e.SourcePartition, err = strconv.Atoi(value)
	case letter.Offset:
		e.SourceOffset, err = strconv.ParseInt(value, 10, 64)
	case letter.Timestamp:
		e.timestamp, err = strconv.ParseInt(value, 10, 64)
	case letter.Group:
		e.Group = value
	case letter.Table:
		e.Table = value
	case letter.Omitted:
		e.Omitted = strings.Split(value, ",")
	case letter.Size:
		e.Size, err = strconv.Atoi(value)
	case letter.Replays:
		e.replays = new(letterID)
		*e.replays, err = parseID(value)
	}
	return err
}

// parseID reads OFFSET, of partition 0, or PARTITION:OFFSET.
func parseID(text string) (id letterID, err error) {
	partition, offset, found := strings.Cut(text, ":")
	if !found {
		partition, offset = "0", text
	}
	id.partition, err = strconv.Atoi(partition)
	if err == nil {
		id.offset, err = strconv.ParseInt(offset, 10, 64)
	}
	if err != nil || id.partition < 0 || id.offset < 0 {
		return id, fmt.Errorf("%q is no letter: give its OFFSET, or PARTITION:OFFSET", text)
	}
	return id, nil
}
