// Package endtoend tests the real binaries as an unlucky user meets them: nothing reachable at the start, a message that
// is no message, a table that cannot be synced, a config with a mistake in it. What they do when all is well, and when
// they are killed, package demo tests.
package endtoend
