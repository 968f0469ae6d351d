package debezium

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"time"

	"eventsync/pkg/change"
	"eventsync/pkg/kafkaclient/recordbatch"
)

// Options say what Debezium takes from its connector's configuration.
type Options struct {
	Name     string // of the connector, which begins the topics' names: its topic.prefix
	Database string
	Schemas  bool // put each message's schema into it: the converter's schemas.enable
}

// Encoder writes changes as Debezium's messages. It keeps a plan for each relation that it has seen, and belongs to one
// goroutine.
type Encoder struct {
	options Options
	now     func() time.Time
	last    *plan // almost always the next change's too
	plans   map[*change.Relation]*plan

	source  source
	written []byte // the times of the last look at the clock
	value   []byte
	changed []byte // the key in the header of a changed key
	headers []recordbatch.Header
}

// New makes an Encoder.
func New(o Options) *Encoder {
	e := &Encoder{options: o, now: time.Now, plans: map[*change.Relation]*plan{}}
	for _, h := range [][2]string{
		{"connectorLogicalName", o.Name}, {"taskId", "0"}, {"connectorName", "postgresql"}, {"runId", newRun()},
	} {
		e.headers = append(e.headers, recordbatch.Header{Key: "__debezium.context." + h[0], Value: []byte(h[1])})
	}
	e.headers = append(e.headers, recordbatch.Header{}) // for a changed key
	return e
}

// newRun names this run, as a random UUID.
func newRun() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	h := hex.EncodeToString(u[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Key appends the key of the change's messages, an object of the replica identity's columns. It appends nothing for a
// relation without one, and for a truncate, whose keys are null.
func (e *Encoder) Key(b []byte, c *change.Change) []byte {
	p := e.plan(c.Relation)
	if len(c.Values) == 0 || len(p.key) == 0 {
		return b
	}
	b = append(b, p.keyHead...)
	b = p.appendRow(b, p.key, c.Values, false)
	return append(b, p.tail...)
}

// Records appends the messages of changes[i]: a delete is followed by a tombstone, and the two halves of a changed key
// name each other's keys in a header. What the messages hold lives until the next call.
func (e *Encoder) Records(dst []recordbatch.ProducerRecord, changes []change.Change, i int, key []byte, _ change.Position) []recordbatch.ProducerRecord {
	c := &changes[i]
	p := e.plan(c.Relation)
	if i%clockEvery == 0 || len(e.written) == 0 {
		e.lookAtClock()
	}
	fixed := len(e.headers) - 1
	headers := e.headers[:fixed:fixed]
	switch {
	case c.Op == change.Delete && i+1 < len(changes) && halves(c, &changes[i+1]):
		headers = e.changedKey("__debezium.newkey", p, &changes[i+1])
	case c.Op == change.Insert && i > 0 && halves(&changes[i-1], c):
		headers = e.changedKey("__debezium.oldkey", p, &changes[i-1])
	}
	e.value = e.appendEnvelope(e.value[:0], p, c)
	dst = append(dst, recordbatch.ProducerRecord{Key: key, Value: e.value, Headers: headers})
	if c.Op == change.Delete && len(key) > 0 {
		dst = append(dst, recordbatch.ProducerRecord{Key: key, Headers: headers})
	}
	return dst
}

// clockEvery is for how many changes that are given together a look at the clock will do, and its printing.
const clockEvery = 16

func (e *Encoder) lookAtClock() {
	now := e.now().UnixNano()
	e.written = appendNumber(e.written[:0], `","ts_ms":`, now/1_000_000)
	e.written = appendNumber(e.written, `,"ts_us":`, now/1_000)
	e.written = appendNumber(e.written, `,"ts_ns":`, now)
	e.written = append(e.written, '}')
}

// halves reports whether one row's changed key made both changes.
func halves(deleted, inserted *change.Change) bool {
	return deleted.Op == change.Delete && inserted.Op == change.Insert &&
		deleted.Version == inserted.Version && deleted.Relation == inserted.Relation
}

// changedKey gives the headers with the key of the other half, which has no schema even where messages have one.
func (e *Encoder) changedKey(name string, p *plan, other *change.Change) []recordbatch.Header {
	e.changed = p.appendRow(e.changed[:0], p.key, other.Values, false)
	e.headers[len(e.headers)-1] = recordbatch.Header{Key: name, Value: e.changed}
	return e.headers
}

func (e *Encoder) appendEnvelope(b []byte, p *plan, c *change.Change) []byte {
	b = append(b, p.valueHead...)
	b = append(b, `{"before":`...)
	switch c.Op {
	case change.Delete:
		b = p.appendRow(b, p.fields, c.Values, false)
	case change.Update:
		b = p.appendRow(b, p.fields, c.Before, false)
	default:
		b = append(b, "null"...)
	}
	b = append(b, `,"after":`...)
	if c.Op == change.Delete {
		b = append(b, "null"...)
	} else {
		b = p.appendRow(b, p.fields, c.Values, true)
	}
	b = e.source.append(b, p, c)
	b = append(b, `,"transaction":null,"op":"`...)
	b = append(b, letters[c.Op])
	b = append(b, e.written...)
	return append(b, p.tail...)
}

var letters = [...]byte{change.Insert: 'c', change.Update: 'u', change.Delete: 'd', change.Snapshot: 'r', change.Truncate: 't'}

func appendNumber(b []byte, name string, n int64) []byte {
	b = append(b, name...)
	return strconv.AppendInt(b, n, 10)
}
