// Package fetch reads a topic partition's record batches off the broker: committed records only, each exactly once and
// in order from the offset asked for, whatever compaction and transactions left in the log.
//
// What it promises: a corrupt batch and an offset that the broker does not hold are errors, told with topic, partition
// and offset, and never passed over; what can mend itself (a moved leader, a broker away) is retried for as long as
// the caller's context lives, and logged; memory is bounded by two answers of the broker, one being read and one
// fetched ahead.
//
//	factory.go   opens Readers
//	reader.go    Read: batches of the answer at hand, the next answer, retries
//	ahead.go     the one fetch under way
//	errors.go    OutOfRangeError
//	aborted.go   which batches belong to aborted transactions
package fetch
