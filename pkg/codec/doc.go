// Package codec turns changes into message bytes and back: the Protobuf of schemas/change/v1, written and read by hand
// so that a stream of millions of changes costs no allocation each, and the JSON of message keys.
//
// What it promises: bytes that it writes are read alike by the generated package, and the other way round; a Decoder
// never panics, and reads nothing beyond its input, whatever that holds; a kind of value that it does not know is an
// error and never a NULL. Encoding is described at https://protobuf.dev/programming-guides/encoding/.
package codec
