// Package demo plays the product's story on the local stack, with the real binaries as processes of their own: rows
// flow to Kafka while the flag is off, wait there, and are in ClickHouse within seconds once it is on; at the end every
// table is compared row for row.
//
//	demo.go   the story
//	watch.go  what the terminal shows meanwhile
//	await.go  waiting for the parts to get somewhere
package demo
