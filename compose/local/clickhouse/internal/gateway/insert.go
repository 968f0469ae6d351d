package gateway

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/ClickHouse/ch-go/proto"

	"eventsync/compose/local/clickhouse/internal/native"
)

// insert takes the client's blocks into a spool and, when the last is here, runs one INSERT SELECT over it. So a client
// that dies before leaves nothing behind, and what the table gets does not depend on how the client cut its blocks.
func (n *session) insert(i *insertStatement) error {
	columns, err := n.insertColumns(i)
	if err != nil {
		return err
	}
	if err := n.sendHeader(columns); err != nil {
		return lostError{err}
	}
	spool, err := newSpool()
	if err != nil {
		// The client sends its blocks all the same; it must hear of this at the end of them.
		return errors.Join(n.fill(&intake{refusal: err}), err)
	}
	defer func() { _ = spool.Close() }()
	in := &intake{spool: spool, columns: columns, limit: n.server.config.MaxInsertBytes}
	if err := n.fill(in); err != nil {
		return err
	}
	if in.refusal != nil || in.rows == 0 {
		return in.refusal
	}
	return n.watched(func() error {
		return n.engine.Query(n.insertSelect(i, columns, spool.Path()), "Null", func(c Chunk) error {
			n.progress(c)
			return nil
		})
	})
}

// fill reads the client's blocks, up to the empty one that ends them.
func (n *session) fill(in *intake) error {
	var buffer []byte
	for {
		code, err := n.packet(n.server.config.ReceiveTimeout)
		if err != nil {
			return lostError{err}
		}
		switch {
		case code == proto.ClientCodeData:
		case isCancel(code):
			return exception(proto.ErrQueryWasCancelled, "Query was cancelled")
		default:
			return lostError{fmt.Errorf("packet %d instead of a block of the INSERT", code)}
		}
		b, err := n.receive(buffer)
		if err != nil {
			return lostError{err}
		}
		if b.isEnd() {
			return nil
		}
		in.take(b)
		buffer = b.data
	}
}

// insertSelect writes the statement that reads the spool.
func (n *session) insertSelect(i *insertStatement, columns []native.Column, path string) string {
	var names, structure []string
	for _, c := range columns {
		names = append(names, quoteName(c.Name))
		structure = append(structure, quoteName(c.Name)+" "+c.Type)
	}
	list := strings.Join(names, ", ")
	return fmt.Sprintf("INSERT INTO %s (%s) SETTINGS %s SELECT %s FROM file(%s, 'Native', %s)",
		i.table, list, assignmentList(n.insertSettings(i)), list, quoteText(path), quoteText(strings.Join(structure, ", ")))
}

// insertDefaults make an INSERT SELECT behave as the INSERT of one block that the client meant: one part however many
// rows there are, and equal blocks deduplicated even without a token, which INSERT SELECT does not do by itself.
var insertDefaults = map[string]string{
	"min_insert_block_size_rows":  "100000000",
	"min_insert_block_size_bytes": "0",
	"max_insert_block_size":       "100000000",
	"deduplicate_insert_select":   "'enable_even_for_bad_queries'",
}

// insertSettings joins the defaults with what the client has said, which goes before them.
func (n *session) insertSettings(i *insertStatement) map[string]string {
	all := maps.Clone(insertDefaults)
	maps.DeleteFunc(all, func(name, _ string) bool { return n.settings.has(name) })
	for _, a := range i.settings {
		if _, ok := n.settings.pinned[a.name]; !ok {
			all[a.name] = a.value
		}
	}
	return all
}
