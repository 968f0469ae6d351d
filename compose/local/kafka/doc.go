// Package kafka runs Apache Kafka itself, one node of it, for what a stand-in cannot answer for.
//
// It promises:
//
//   - A Java runtime and Maven are all it needs; Available says whether they are there. Kafka is fetched once per machine.
//   - All state is under one directory. Started again on it, the broker has the same topics, records and offsets.
//   - A start is over when producers and consumer groups are served, and is bounded; one that fails says why, with the end
//     of the broker's log.
//   - It listens on 127.0.0.1 only.
//   - It ends with its parent, see package process.
package kafka
