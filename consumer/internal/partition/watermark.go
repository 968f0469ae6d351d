package partition

import (
	"errors"

	"eventsync/pkg/change"
)

// Watermark is what the metadata of a committed offset says, for those who mend it while no worker runs.
type Watermark struct {
	// TopicID is that of the topic which the offset is of; "" where the broker had none.
	TopicID string
	// Position is the last one that was surely reached before the offset.
	Position change.Position
	// Floor is the version below which rows were truncated.
	Floor change.Version
	// Unsure is the offset up to which rows may be in the target already; 0 for none. The worker looks before it inserts.
	Unsure int64
}

// ErrBlank says that a committed offset has no metadata.
var ErrBlank = errors.New("the committed offset has no metadata: another program committed it")

// ParseWatermark reads the metadata of a committed offset. What was announced to be inserted is unsure then.
func ParseWatermark(metadata string) (Watermark, error) {
	if metadata == "" {
		return Watermark{}, ErrBlank
	}
	s, err := parseMetadata(metadata)
	w := Watermark{TopicID: s.topic, Position: change.Position(s.chain), Floor: s.floor, Unsure: s.unsure}
	if s.intent != nil {
		w.Unsure = max(w.Unsure, s.intent.end)
	}
	return w, err
}

// Metadata is what to commit with the offset.
func (w Watermark) Metadata() string {
	return state{topic: w.TopicID, chain: chain(w.Position), floor: w.Floor, unsure: w.Unsure}.String()
}
