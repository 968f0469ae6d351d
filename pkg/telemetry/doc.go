// Package telemetry is how a program tells what it does: its log, and over HTTP its metrics and whether it is well.
//
// It promises that a program's log looks the same whichever program writes it: one line per event, times in UTC, and no
// secret, since secrets hide themselves.
//
// Of what is served over HTTP it promises:
//
//   - /livez says no more than that the process answers: a program that waits for a broken server must not be restarted
//     for it.
//   - /readyz says whether work goes on, in 200 and 503, and with 503 in one sentence why not. It is what the program's
//     own ready function says, and always 503 from the end of the context on.
//   - /metrics has what was registered, the Go runtime's and the process's metrics among it, and is answered to the very
//     end of a stop.
//   - Starting tells at once that the address cannot be had; stopping is bounded, whoever is still connected, and leaves
//     no goroutine behind.
//
// The files:
//
//	logger.go    the log
//	registry.go  metrics that every program has
//	server.go    the HTTP server's life
//	routes.go    what it answers
package telemetry
