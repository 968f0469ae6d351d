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
//	request.go   what is asked, in Kafka's words
//	exchange.go  the Fetch request on kafka-go's connection, answered into our memory
//	response.go  the answer, parsed in place
//	errors.go    OutOfRangeError
//	aborted.go   which batches belong to aborted transactions
//
// kafka-go's own readers are not used: on compacted or transactional topics they panic on two empty batches in a row,
// spin on a hole at the end of the log, and deliver control records and aborted data.
package fetch
