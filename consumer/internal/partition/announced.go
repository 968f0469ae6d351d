package partition

import "time"

// Announced is what was about to be done when an offset was committed.
type Announced struct {
	// Kind is what: "whole" for a batch, "part" for what was missing of one, "truncate".
	Kind string
	// End is the offset behind the last message of it.
	End   int64
	Since time.Time // in whole seconds
}

// ParseAnnounced reads what the metadata of a committed offset announces; ok is false where that is nothing.
func ParseAnnounced(metadata string) (a Announced, ok bool, err error) {
	s, err := parseMetadata(metadata)
	if err != nil || s.intent == nil {
		return Announced{}, false, err
	}
	return Announced{Kind: string(s.intent.kind), End: s.intent.end, Since: s.intent.made}, true, nil
}
