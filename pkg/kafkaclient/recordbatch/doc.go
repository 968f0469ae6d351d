// Package recordbatch writes and reads Kafka's record batches (magic 2, as of Kafka 0.11): the bytes that a Produce
// request carries and that a Fetch answers.
//
// What it promises: a batch that a Builder wrote is read by every Kafka client; a batch is read only after its
// checksum was found right; bytes that are no record batch are an error, never a panic and never more memory than the
// limit given; neither way costs an allocation per record.
//
// Layout: https://kafka.apache.org/documentation/#recordbatch. What a batch means (transactions, holes that
// compaction left) is for the reader to say: a Batch tells the facts.
package recordbatch
