package replication

import (
	"errors"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// columnsOfSQL gives the columns that a table has now.
const columnsOfSQL = `
SELECT c.oid, a.attname::text, a.atttypid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum`

type currentColumn struct {
	table uint32
	name  string
	oid   uint32
}

func readColumns(result *pgconn.ResultReader) (columns []currentColumn, err error) {
	for result.NextRow() {
		data := result.Values()
		table, err1 := strconv.ParseUint(string(data[0]), 10, 32)
		oid, err2 := strconv.ParseUint(string(data[2]), 10, 32)
		if err = errors.Join(err1, err2); err != nil {
			return nil, err
		}
		columns = append(columns, currentColumn{uint32(table), string(data[1]), uint32(oid)})
	}
	_, _ = result.Close() // an error is the batch's too
	return columns, nil
}

// isStill reports whether columns are those of the relation: whatever is there under a name that the relation knows must
// stand in the same order and be of the same type, or columns were renamed meanwhile.
func (r *relation) isStill(columns []currentColumn) bool {
	last := -1
	for _, c := range columns {
		if c.table != r.oid {
			return false
		}
		i := r.shape.Column(c.name)
		if i < 0 {
			continue
		}
		if i < last || r.oids[i] != c.oid {
			return false
		}
		last = i
	}
	return last >= 0
}
