// Package debezium writes changes as the messages that Debezium 3's PostgreSQL connector writes with Kafka Connect's
// JsonConverter, with or without schemas, and reads them: an envelope of before, after, source and op, keys, tombstones
// after deletes, and headers that tie together the two halves of a changed key.
//
// What it promises: a consumer of Debezium's messages, in its default modes (decimals precise, times adaptive, binary as
// bytes), reads the same values; the messages of one commit are those recorded from Debezium 3.7.0.Final in testdata, field
// by field, apart from what is said here; and a change costs no allocation once its relation has been seen, where its
// values are no arrays with escapes, and its decimals have no more than 18 digits.
//
// What differs, with the reason:
//
//   - source.sequence is [commit LSN, row LSN], in which the first orders transactions as they were committed. Debezium's
//     first is where its transaction began.
//   - source.snapshot is "true" in all rows that the snapshot reads, and txId null: tables are read in pieces, side by side,
//     so that there is no first and no last one. Debezium marks those.
//   - The key is the replica identity's columns, in the table's order. Debezium takes the primary key, in its own order,
//     even where the old row does not have it (REPLICA IDENTITY USING INDEX), and then writes a key of zeros. Under REPLICA
//     IDENTITY FULL without a primary key it is the whole row, so that an update is a changed key; Debezium's is null.
//   - A column that is not in the old row is null there, also where the column is NOT NULL; Debezium writes its default, or
//     zero. In schemas each column but the key's is optional, without a default: the stream does not say.
//   - Composites, pg_lsn and other types that Debezium leaves out are the source's text, and so is name, which Debezium
//     writes as null. Enums are strings, whose schema does not list their labels.
//   - Arrays in arrays are written as they are, and are not what the schema says; Debezium writes null for each.
//   - A TOASTed value that an update did not change is __debezium_unavailable_value where it is not to be had; the producer
//     mostly has read it.
//   - Floating-point numbers have the fewest digits that tell them apart; Java before 19 has one more at times.
//   - A numeric NaN or infinity is null, as Connect's Decimal has none. Money is read as of a currency with two decimals.
//   - TRUNCATE is always written, once to each partition; Debezium skips it unless skipped.operations is none.
//   - xmin, origin and origin_lsn are null, and there are no transaction metadata, as is Debezium's default.
//
// A Decoder reads such messages, from here or from Debezium. It promises that what was encoded with its schema is the same
// change again, but for its position, its epoch, and types that a schema does not tell apart (a composite is text); that
// malformed input is an error, never a panic (of what nobody asks, only quotes and brackets are looked at); and that a
// message costs no allocation once its table is known, where its decimals fit 64 bits.
//
// The file map:
//
//	encoder.go  what the callers see; the envelope
//	source.go   its source block
//	plan.go     what stays the same between one relation's messages; rows
//	form.go     how a column is written, by its type
//	value.go    values; decimal.go, time.go, array.go, text.go: those of more than a few lines
//	schema.go   Kafka Connect's schema of keys and values
//	decoder.go  messages to changes; envelope.go: their parts; table.go: of which shape, column.go: by its schema
//	read.go     rows from JSON; read_value.go: values of more than a few lines; scan.go, unescape.go: JSON itself
package debezium
