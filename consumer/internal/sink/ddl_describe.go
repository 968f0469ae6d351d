package sink

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// Definition is what a table was created and altered to be.
type Definition struct {
	Engine     string // without arguments: "ReplacingMergeTree"
	Arguments  string // of the engine, without those that say where replicated data is: "_version, _deleted"
	SortingKey string
	Columns    []Column
	Indexes    []Index
	Window     uint64 // of deduplication, in blocks
}

// Index is a data skipping index.
type Index struct{ Name, Type, Expression string }

// Definition asks for a table's; it is nil for a table that does not exist, or that the user may not see.
func (s *Server) Definition(ctx context.Context, table string) (d *Definition, err error) {
	err = s.pool.use(ctx, func(ctx context.Context, c *client) (err error) {
		d, err = s.definition(ctx, c, table)
		return err
	})
	return d, s.failed(fmt.Sprintf("describe table %s.%s", s.database, table), err)
}

func (s *Server) definition(ctx context.Context, c *client, table string) (*Definition, error) {
	of := []proto.Parameter{parameter("database", s.database), parameter("table", table)}
	const where = " WHERE database = {database:String} AND table = {table:String}"
	tables, err := readStrings(ctx, c, "SELECT engine, engine_full, sorting_key FROM system.tables WHERE database = {database:String} AND name = {table:String}", 3, of...)
	if err != nil || len(tables) == 0 {
		return nil, err
	}
	d := &Definition{Engine: tables[0][0], Arguments: engineArguments(tables[0][1]), SortingKey: tables[0][2]}
	columns, err := readStrings(ctx, c, "SELECT name, type, default_kind FROM system.columns"+where+" ORDER BY position", 3, of...)
	if err != nil {
		return nil, err
	}
	for _, r := range columns {
		d.Columns = append(d.Columns, Column{Name: r[0], Type: r[1], DefaultKind: r[2]})
	}
	indexes, err := readStrings(ctx, c, "SELECT name, type, expr FROM system.data_skipping_indices"+where, 3, of...)
	if err != nil {
		return nil, err
	}
	for _, r := range indexes {
		d.Indexes = append(d.Indexes, Index{Name: r[0], Type: r[1], Expression: r[2]})
	}
	d.Window, err = definedSetting(ctx, c, windowSetting(d.Engine), tables[0][1])
	return d, err
}

// The settings of a table that say how many blocks' tokens it remembers.
const (
	ownWindow        = "non_replicated_deduplication_window"
	replicatedWindow = "replicated_deduplication_window"
)

// definedSetting is the table's own value of a setting, else the server's.
func definedSetting(ctx context.Context, c *client, setting, full string) (uint64, error) {
	if own := regexp.MustCompile(`\b` + setting + ` = (\d+)`).FindStringSubmatch(full); own != nil {
		return strconv.ParseUint(own[1], 10, 64)
	}
	rows, err := readStrings(ctx, c, "SELECT value FROM system.merge_tree_settings WHERE name = {setting:String}", 1, parameter("setting", setting))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return strconv.ParseUint(rows[0][0], 10, 64)
}

// quotedArgument is where a replicated engine has its data, and which replica this is.
var quotedArgument = regexp.MustCompile(`'(?:[^'\\]|\\.)*'(?:, )?`)

// engineArguments are those of "ReplacingMergeTree(_version, _deleted) ORDER BY id".
func engineArguments(full string) string {
	_, rest, ok := strings.Cut(full, "MergeTree")
	if !ok || !strings.HasPrefix(rest, "(") {
		return ""
	}
	arguments, _, _ := strings.Cut(quotedArgument.ReplaceAllString(rest[1:], ""), ")")
	return arguments
}

func parameter(key, value string) proto.Parameter {
	return proto.Parameter{Key: key, Value: literal(value)}
}

// readStrings reads rows of strings.
func readStrings(ctx context.Context, c *client, body string, width int, parameters ...proto.Parameter) ([][]string, error) {
	columns := make([]proto.ColStr, width)
	result := make(proto.Results, width)
	for i := range columns {
		result[i].Data = &columns[i]
	}
	var rows [][]string
	err := c.Do(ctx, ch.Query{
		Body: body, Result: result, Parameters: parameters,
		OnResult: func(_ context.Context, b proto.Block) error {
			for i := range b.Rows {
				row := make([]string, width)
				for j := range columns {
					row[j] = columns[j].Row(i)
				}
				rows = append(rows, row)
			}
			return nil
		},
	})
	return rows, err
}
