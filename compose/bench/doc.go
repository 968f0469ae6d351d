// Bench measures the real binaries on the local stack, each beside the least that could do the same work:
//
//   - the producer, streaming into the broker, beside pg_recvlogical, which throws away the same WAL: in transactions of
//     1,000 rows, with either compression, and in single-row transactions;
//   - the producer's snapshot, beside as many connections that only COPY;
//   - its memory in one large transaction, and the time from a commit to its acknowledgement under a steady trickle,
//     which have no peer, but a limit;
//   - the consumer, from a full topic into ClickHouse, beside a bare loop of ch-go that makes the same rows itself; of
//     Debezium's messages; its memory with many partitions; the time from a commit to the row in a query, and the inserts
//     that this takes; the time until the partitions of a killed member move again; and how its rates grow.
//
// Machines differ, and the same one differs from minute to minute. So each run measures all sides, one after the other
// and in alternating order; a figure is the median over the runs, and its ratio the median of the runs' own ratios.
// Ratios are what to compare between machines and days.
//
//	main.go       the commands; options.go what they are told
//	bench.go      the stack, and the order of the runs
//	figure.go     what is told of the runs: medians and ratios; goal.go what they are to reach
//	table.go      for people; plot.go a picture
//	events.go     the rows; shape.go with fewer or more columns
//	topic.go      a topic full of them, by writer.go; flow.go one that never ends
//	consumer.go   what is measured of the consumer
//	drain.go      it empties a topic; allocations.go what it allocates meanwhile
//	bare.go       a run of the bare loop, which is this program again, as a process of its own; columns.go its block
//	visible.go    rows from PostgreSQL into ClickHouse; rowwatch.go when they are seen there
//	takeover.go   one of two members is killed
//	growth.go     more partitions, more columns
//	source.go     a WAL full of rows
//	producer.go   a run of the producer
//	streaming.go  it streams many transactions; recvlogical.go the same with pg_recvlogical
//	debezium.go   the same with Debezium, if it was asked for
//	snapshot.go   it copies a table; the same with psql
//	large.go      it streams one transaction
//	latency.go    it streams what trickle.go writes; acknowledged.go when the broker had it
//	peer.go       programs that run to their end
//	watch.go      what happens in the broker meanwhile
//	usage.go      CPU and memory of a process
//	config.go     the files that the binaries read
//
// What counts: the time from the moment that a program begins its work (the producer streams, or has its slot and
// copies; the consumer fetches), so not its start; the CPU time and the memory of its whole life. The broker lives in
// this process, where it can be seen to the millisecond; its CPU time is in no figure, but it has to share the machine
// with everything else.
package main
