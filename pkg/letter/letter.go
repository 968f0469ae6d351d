// Package letter is what dead letters are like, whoever writes them: the topic, and the headers that say why a message
// is there and where it belongs. The producer buries changes that fit into no message, the consumer messages that become
// no row.
package letter

import (
	"eventsync/pkg/kafkaclient"
)

// Reason and the others are the headers' names. A letter has those that its writer knows; what is written behind them is
// the original message's own.
const (
	Reason = "eventsync.reason" // one word
	Detail = "eventsync.detail" // a sentence
	// Topic, Partition, Offset and Timestamp are the place of the original, the last in milliseconds since 1970; a change
	// that the producer buried has no offset.
	Topic     = "eventsync.topic"
	Partition = "eventsync.partition"
	Offset    = "eventsync.offset"
	Timestamp = "eventsync.timestamp"
	// Group is the consumer group that buried it.
	Group = "eventsync.group"
	// Omitted says which parts of the original are too large for the topic of dead letters: "value", "value,headers" or
	// "value,headers,key". They are where the original is, for as long as its topic keeps it.
	Omitted = "eventsync.omitted"

	// Table, Position, Version, Epoch and Op are those of a change that the producer buried.
	Table    = "eventsync.table"
	Position = "eventsync.position"
	Version  = "eventsync.version"
	Epoch    = "eventsync.epoch"
	Op       = "eventsync.op"
	// Size is that of what is not there, and Limit the one that it broke.
	Size  = "eventsync.size"
	Limit = "eventsync.limit"

	// Replays is a header of a note among the letters: that the letter at "<partition>:<offset>" was published again.
	Replays = "eventsync.replays"
	// Replayed is a header of a message that was a dead letter once: where that letter is, "<topic>/<partition>/<offset>".
	Replayed = "eventsync.replayed"
)

// Oversize is the reason of the producer's letters. Those of the consumer's are its own.
const Oversize = "oversize"

// WasReplayed is the reason of a note that a letter was published again.
const WasReplayed = "replayed"

// Partitions is how many the topic of dead letters has.
const Partitions = 1

// Settings are those of the topic: letters are kept until somebody has seen to them, being few, and each a row that is
// missing.
func Settings() []kafkaclient.Setting {
	return []kafkaclient.Setting{{Name: "cleanup.policy", Value: "delete"}, {Name: "retention.ms", Value: "-1"}}
}
