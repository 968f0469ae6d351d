package debezium

import (
	"bytes"
	"encoding/json"
	"testing"

	"eventsync/pkg/change"
	"eventsync/pkg/codec"
	"eventsync/pkg/kafkaclient/recordbatch"
)

func BenchmarkEncode(b *testing.B) {
	for name, schemas := range map[string]bool{"plain": false, "schemas": true} {
		b.Run(name, func(b *testing.B) {
			e := New(Options{Name: "shop", Database: "shop", Schemas: schemas})
			r := events()
			var changes []change.Change // of a transaction
			for i := range int64(1000) {
				changes = append(changes, streamed(r, change.Insert, row(i)))
			}
			var key []byte
			var records []recordbatch.ProducerRecord
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % len(changes) {
				key = e.Key(key[:0], &changes[i])
				records = e.Records(records[:0], changes, i, key, change.Position{})
			}
			b.SetBytes(int64(len(records[0].Value)))
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, schemas := range map[string]bool{"plain": false, "schemas": true} {
		b.Run(name, func(b *testing.B) {
			e := New(Options{Name: "shop", Database: "shop", Schemas: schemas})
			r := events()
			var changes []change.Change
			for i := range int64(1000) {
				changes = append(changes, streamed(r, change.Insert, row(i)))
			}
			var all []recordbatch.ProducerRecord
			size := 0
			for i := range changes {
				all = e.Records(all, changes, i, e.Key(nil, &changes[i]), change.Position{})
				all[i].Value = bytes.Clone(all[i].Value)
				size += len(all[i].Value)
			}
			var d Decoder
			var m codec.Message
			b.SetBytes(int64(size / len(all)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i = (i + 1) % len(all) {
				if ok, err := d.Decode(all[i].Key, all[i].Value, &m); !ok || err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncodingJSON is the same message by the standard library.
func BenchmarkEncodingJSON(b *testing.B) {
	type source struct {
		Version   string  `json:"version"`
		Connector string  `json:"connector"`
		Name      string  `json:"name"`
		TsMs      int64   `json:"ts_ms"`
		Snapshot  string  `json:"snapshot"`
		DB        string  `json:"db"`
		Sequence  string  `json:"sequence"`
		TsUs      int64   `json:"ts_us"`
		TsNs      int64   `json:"ts_ns"`
		Schema    string  `json:"schema"`
		Table     string  `json:"table"`
		TxID      int64   `json:"txId"`
		LSN       int64   `json:"lsn"`
		Xmin      *int64  `json:"xmin"`
		Origin    *string `json:"origin"`
		OriginLSN *int64  `json:"origin_lsn"`
	}
	type event struct {
		ID         int64  `json:"id"`
		ProjectID  int64  `json:"project_id"`
		TargetType string `json:"target_type"`
		Amount     []byte `json:"amount"`
		CreatedAt  string `json:"created_at"`
	}
	type envelope struct {
		Before      *event  `json:"before"`
		After       *event  `json:"after"`
		Source      *source `json:"source"`
		Transaction *string `json:"transaction"`
		Op          string  `json:"op"`
		TsMs        int64   `json:"ts_ms"`
		TsUs        int64   `json:"ts_us"`
		TsNs        int64   `json:"ts_ns"`
	}
	var of envelope
	c := []change.Change{streamed(events(), change.Insert, row(1))}
	if err := json.Unmarshal(newEncoder(false).Records(nil, c, 0, nil, change.Position{})[0].Value, &of); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(&of); err != nil {
			b.Fatal(err)
		}
	}
}
