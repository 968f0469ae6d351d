// Package rawfetch asks a broker for a partition's record batches over kafka-go's connections, and leaves them the bytes
// that the broker sent, for package recordbatch to read.
//
//	request.go   what is asked, in Kafka's words: committed data only
//	exchange.go  the request on kafka-go's connection, answered into memory of ours
//	response.go  the answer, parsed in place
//
// kafka-go's own readers are not used: on compacted or transactional topics they panic on two empty batches in a row,
// spin on a hole at the end of the log, and deliver control records and aborted data.
package rawfetch
