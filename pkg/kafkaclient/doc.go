// Package kafkaclient is how both sides reach Kafka: connections with TLS and SASL, topics and their offsets, the
// partitioner, a look at a log, a batch written to one, a group's commits from outside, and the words Record and
// Unreachable. Record batches are in package recordbatch, fetched by package rawfetch; topics' ids in rawmetadata.
//
// What it promises: a refused or unanswered connection is told with the brokers' addresses and the reason; a password
// is in no error and no log; keys land in the partition that Java's clients choose.
package kafkaclient
