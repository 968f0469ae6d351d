// Package pgvalue reads PostgreSQL's values, in its binary and in its text format, as change.Values, and writes them as
// text again.
//
// It promises that both formats of one value give the same change.Value; that malformed input is an error, never a
// panic; and that reading costs no allocation per value: a Value aliases its input, or memory that the Decoder uses
// again after Reset.
//
// The text format is the one of the settings DateStyle ISO, IntervalStyle postgres, TimeZone UTC, bytea_output hex,
// extra_float_digits 3 and client_encoding UTF8, which package source sets on every connection.
//
// A type without a kind of value of its own is kept as the server prints it. What can be printed of the binary format,
// to the byte as the server would, is read in that; of the rest (money, pg_lsn, tsquery, composite types, names of objects
// and others, which are printed by the server's locale, version or catalog) only the text format.
//
//	type.go      which types there are, by OID; shape.go those that are found by how they are made
//	binary.go    the binary format; numeric.go its decimals
//	printed.go   from the binary format to what the server prints; fields.go, float.go, interval.go, network.go,
//	             geometry.go, words.go, array.go, range.go
//	text.go      the text format; datetime.go its dates and times
//	render.go    back to text
package pgvalue
