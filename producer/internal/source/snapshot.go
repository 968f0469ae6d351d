package source

import (
	"time"

	"eventsync/pkg/change"
)

// Snapshot is an exported snapshot: while it is open, any connection may read the tables as they were at one moment.
type Snapshot struct {
	// ID is what SET TRANSACTION SNAPSHOT takes.
	ID string
	// Version is that of every row read: the place in the write-ahead log before the snapshot's moment, so that whatever
	// was under way then has a greater one.
	Version change.Version
	// Taken is the snapshot's moment.
	Taken time.Time
	// Publications say which of the tables' rows and columns are read.
	Publications []string
	// Tables are those to be read.
	Tables []Due
	// Release is called when every connection that reads has taken the snapshot: what exports it is of no more use then,
	// and holds the log back.
	Release func()
}

// Due is a table of which a snapshot is due, in the round that state.Table has of it.
type Due struct {
	Name
	Round int64
}
