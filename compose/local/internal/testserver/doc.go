// Package testserver keeps one server for all tests of a package: it is started when the first of them needs it, in a
// directory of its own, and stopped after the last.
//
// It promises:
//
//   - A start that failed is not tried again, since each test would wait for it; each is told why.
//   - No server starts that nothing would stop: the package must have a TestMain that calls Main.
//   - Main fails a package whose server did not stop in order, or whose tests leave goroutines behind.
package testserver
