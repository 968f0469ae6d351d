package status

import (
	"time"

	"eventsync/pkg/codec"
	"eventsync/pkg/codec/debezium"
	"eventsync/pkg/kafkaclient"
)

// CommittedAt is when the record's change was committed at the source: the record's own time where it does not say. The
// error says why a record is no change that anybody could sync.
func CommittedAt(r *kafkaclient.Record) (time.Time, error) {
	written := time.UnixMilli(r.Timestamp)
	if r.Value == nil { // a tombstone
		return written, nil
	}
	var m codec.Message
	if err := decode(r, &m); err != nil {
		return written, err
	}
	if m.CommitTime == 0 {
		return written, nil
	}
	return time.UnixMicro(m.CommitTime), nil
}

func decode(r *kafkaclient.Record, m *codec.Message) error {
	if len(r.Value) > 0 && r.Value[0] == '{' { // Debezium's JSON
		var d debezium.Decoder
		_, err := d.Decode(r.Key, r.Value, m)
		return err
	}
	var d codec.Decoder
	return d.Decode(r.Value, m)
}
