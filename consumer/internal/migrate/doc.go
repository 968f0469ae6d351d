// Package migrate says what a target must look like, and what makes one look like it. It is pure: from a relation, the
// table's configuration and what is there it makes a Plan, and never speaks to a server itself.
//
// What it promises: every statement of a Plan can be run again, and the plan of a target that its statements were run on
// is empty. Statements only create, add and widen; what cannot be altered in place, and what would lose something, is a
// Problem with what to do by hand. A column that is created holds every value of its source that ClickHouse has a type
// for.
//
// A worker asks Admit about each relation that it meets: the same comparison, narrowed to what the table's policies
// (on_new_column, on_dropped_column, on_changed_type) say about it.
//
// The files: table (what is there), plan (steps and problems, as text), create and alter (the plan of a table that is
// missing, or there), shape (what of an engine cannot be altered), admit (the policies), types and fit (which type holds
// what), typename and sortingkey (a type's and a sorting key's text).
package migrate
