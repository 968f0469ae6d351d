// Package postgres runs a real PostgreSQL server, of version 14 or later, for tests and for the local stack.
//
// It promises:
//
//   - The newest PostgreSQL installed on the machine is used, or one is fetched if there is none. Nothing needs to be set
//     up, and no particular user: started by root, the server runs as another one, since PostgreSQL refuses root.
//   - All state is under one directory. Started again on it, the server has the same data, after whatever end: a stop, a
//     crash, a killed parent, an interrupted first start.
//   - It can be replicated from logically (wal_level, slots, walsenders), and listens on 127.0.0.1 and a unix socket only,
//     where it trusts everyone: it is no server for data worth protecting from others on the same machine.
//   - It ends with its parent, see package process.
package postgres
