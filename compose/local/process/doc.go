// Package process runs a child process that ends when its parent does.
//
// It promises:
//
//   - A child never outlives the process that started it, not even when that one is killed with SIGKILL. On Linux the
//     kernel sees to it (PR_SET_PDEATHSIG); elsewhere a small watchdog does, see watchdog.go.
//   - A child has its own process group, so Ctrl-C at a terminal reaches the parent alone, which then stops its
//     children in order.
//   - Stop and Kill return only when the child is gone, and always return: what does not end when asked is killed.
//   - The last lines the child wrote are kept, and are part of every error about it.
//   - When the child has ended, nothing of it is left: no goroutine, no descriptor, no zombie.
package process
