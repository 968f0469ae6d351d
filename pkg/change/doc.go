// Package change holds what the producer and the consumer mean by a change: one row's insert, update, delete or
// snapshot read, or a table's truncate, with its relation, version and position.
//
// A Change is built for streams of millions: a Value is a small struct without pointers other than the bytes it
// aliases, so that a reused Change costs no allocation. Whoever hands out a Change says how long its bytes live.
package change
