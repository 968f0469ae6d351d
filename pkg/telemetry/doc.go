// Package telemetry is how a program tells what it does. It promises that a program's log looks the same whichever
// program writes it: one line per event, times in UTC, and no secret, since secrets hide themselves.
package telemetry
