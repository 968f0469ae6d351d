// Package daemon is the gateway as a process: it loads the engine, opens one data directory, listens, tells its parent
// where, and stops in order.
//
// Two programs have it: gatewayd beside this package, which tests build, and the hidden command "clickhouse" of the local
// stack. It is a package of its own, apart from clickhouse, so that only these two are linked with the engine's binding.
//
// It stops on SIGTERM and SIGINT and, with -with-parent, when its standard input ends. A parent that holds the other end
// of that pipe can so not die without its gateway, even by kill -9; the kernel's own means to that end is bound to a
// thread on Linux, and does not exist on macOS.
package daemon
