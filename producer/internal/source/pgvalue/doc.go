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
//	type.go      which types there are, by OID
//	binary.go    the binary format; numeric.go its decimals
//	text.go      the text format; datetime.go its dates and times
//	render.go    back to text
package pgvalue
