// Package scene is the product at work on the local stack, for the demo and the soak: the servers, GitLab's events and
// pgbench's tables, the config and the flag, one producer and two consumers as processes of their own.
//
//	scene.go     everything brought up, and ended in the order in which rows flow
//	programs.go  the product's programs
//	status.go    what `consumer status` reports meanwhile, and when everything has arrived
//	verdict.go   the comparison at the end
//	teller.go    what a person reads
package scene
