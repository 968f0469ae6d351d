// Package native walks blocks in ClickHouse's Native encoding: it finds where each column ends and copies the bytes,
// without decoding a value.
//
// The native protocol and the Native file format differ in one thing only: from revision 54454 on, the protocol has a
// byte after each column's type that says whether the column is serialized in a custom way. Neither has a length in
// front of a column, so whoever turns one into the other must know how long each column is, and that takes a walk.
//
// What the package promises: malformed, hostile or cut input gives an error, never a panic, and never an allocation
// that is out of proportion to the bytes that came; what it copies is, apart from that byte, what it read; a type or a
// serialization that it does not know is an error that wraps ErrUnsupported, never a guess.
package native
