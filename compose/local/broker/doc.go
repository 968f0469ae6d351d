// Package broker runs a Kafka broker inside this process, for tests and for the local stack.
//
// The broker is franz-go's kfake, which speaks Kafka's protocol and keeps to its rules, and lets tests say what goes wrong.
// It promises:
//
//   - It starts in milliseconds, and leaves nothing behind when stopped.
//   - With a directory, topics, records and committed offsets survive a restart, and so does the address.
//   - Tests can have any request fail, be late, or go unanswered (Cluster), and all connections cut (Disconnect).
//
// It differs from Kafka where members die while they join: one that dies between JoinGroup and SyncGroup is never expired
// once the leader has synced, and every join starts the rebalance timer anew. A group whose members are killed again and
// again, faster than it can recover, may stand still for good here, and does not there.
//
// What must hold with Apache Kafka itself is tested with package kafka as well; package brokertest runs a test with both.
package broker
