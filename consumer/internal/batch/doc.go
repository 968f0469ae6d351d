// Package batch turns changes into the columns of a ClickHouse INSERT.
//
// What it promises: a value arrives as it was or the row is refused by name, with relation, column, both types, the
// value and what to do; nothing is rounded, clamped or guessed, with the exceptions listed below. In steady state a row
// costs no allocation.
//
// How it works: a Target is a ClickHouse table's columns. A Batch compiles a plan once per relation: which source column
// fills which target column, and by which conversion. A conversion appends a value to the column's buffer in the bytes
// that go over the wire (ClickHouse's Native format), so that inserting is only writing buffers out. Columns meet by
// name; _version and _deleted are filled from the change. Target columns without a source are left out of the INSERT,
// so that their DEFAULT applies; source columns without a target are ignored.
//
// What changes on the way:
//   - NULL becomes the type's zero value in a column that is not Nullable: 0, "", 1970-01-01, an Enum's smallest number,
//     an empty array, an empty JSON object. So does a NULL in an array.
//   - A value that the source left out is written as NULL would be. A delete has only its key, so most of its columns are
//     such. In another change with a position (from our own producer, that is) it says that the row was gone when the
//     producer asked for the value, so that a delete follows: nobody will see it for long. Without a position (from
//     Debezium) it would be wrong for good, and the row is refused.
//   - A timestamp loses the digits that the column's precision has no room for, towards the past.
//   - A timestamp without a time zone is taken as UTC.
//   - A float that goes into a Float32 is rounded as IEEE 754 has it.
//   - Text in a FixedString is padded with zero bytes, as ClickHouse does.
//   - Dates, times and timestamps become text as PostgreSQL prints them, in a String.
//   - An IPv4 address in an IPv6 column is ::ffff:192.0.2.1; JSON in ClickHouse's own JSON type is what that makes of it.
//   - An array's indexes begin with 1.
//
// Infinite dates and timestamps have no place in ClickHouse's types but in a String, a Decimal has no NaN and no
// infinities, and dates before 1900 (in a Date, before 1970) or after 2299 fit a String alone: they are refused elsewhere.
//
// The source's text is read where it says what it is: the source's own types (TypeOther), an array's elements, and text
// for dates, UUIDs, floats, decimals and addresses, which is what those are in JSON without a schema.
//
// A batch that may have been inserted before, in whole or in part, drops the rows that the target has: it selects their
// identities, in the bytes that they were inserted in, and compares those.
//
// The files: target, plan, batch, available (the way of a change); column, plain, nullable, dictionary, interner, array, json (buffers); identity,
// present, present_query, cells (which rows the target has); typename (a type's text); conversion and the files named
// after what they convert, wide (their arithmetic), array_text, timestamp_parse, timestamp_text (their text); refused
// (errors).
package batch
