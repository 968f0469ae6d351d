package clickhouse_test

import (
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

func TestSelectExceptions(t *testing.T) {
	c := dial(t)
	table := createEvents(t, c)
	insertEvents(t, c, table, newEvents(0, 10))
	for _, test := range []struct {
		name, sql string
		code      proto.Error
	}{
		{"unknown table", "SELECT * FROM no_such_table", proto.ErrUnknownTable},
		{"unknown column", "SELECT no_such_column FROM " + table, proto.ErrUnknownIdentifier},
		{"not SQL", "SELEKT 1", proto.ErrSyntaxError},
		{"incomplete SQL", "SELECT FROM WHERE", proto.ErrSyntaxError},
		{"an expression alone", "1 + 1", proto.ErrSyntaxError},
		{"nothing", " ;", proto.ErrSyntaxError},
		{"two statements", "SELECT 1; DROP TABLE " + table, proto.ErrSyntaxError},
		{"throwIf", "SELECT throwIf(1)", proto.ErrFunctionThrowIfValueIsNonZero},
		{"type mismatch", "SELECT toUInt8('x')", proto.ErrCannotParseText},
		{"too long", "SELECT sum(sleepEachRow(0.05)) FROM numbers(1000) SETTINGS max_block_size = 1, max_execution_time = 0.2", proto.ErrTimeoutExceeded},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := c.Do(t.Context(), ch.Query{Body: test.sql})
			if test.name == "nothing" {
				wantCode(t, err, test.code, proto.ErrEmptyQuery)
			} else {
				wantCode(t, err, test.code)
			}
			expect(t, c, "SELECT count() FROM "+table, "10") // on the same connection
		})
	}
}

func TestExceptionInMidResult(t *testing.T) {
	c := dial(t)
	var number proto.ColUInt64
	var thrown proto.ColUInt8
	rows := 0
	err := c.Do(t.Context(), ch.Query{
		Body:   "SELECT number, throwIf(number > 1500000) AS thrown FROM numbers(2000000)",
		Result: proto.Results{{Name: "number", Data: &number}, {Name: "thrown", Data: &thrown}},
		OnResult: each(func(b proto.Block) error {
			rows += b.Rows
			return nil
		}),
	})
	wantCode(t, err, proto.ErrFunctionThrowIfValueIsNonZero)
	if rows == 0 {
		t.Error("no rows came before the exception: the result was not streamed")
	}
	expect(t, c, "SELECT 1", "1")
}

// After an exception in an INSERT ch-go's connection is of no use, so each case has its own.
func TestInsertExceptions(t *testing.T) {
	admin := dial(t)
	table := createEvents(t, admin)
	number := proto.ColUInt64{1}
	text := new(proto.ColStr)
	text.Append("abc")
	list := proto.NewArray[uint64](new(proto.ColUInt64))
	list.Append([]uint64{1})
	for _, test := range []struct {
		name, sql, column string
		data              proto.ColInput
		codes             []proto.Error
	}{
		{"unknown table", "INSERT INTO no_such_table VALUES", "id", number, []proto.Error{proto.ErrUnknownTable}},
		{"unknown column", "INSERT INTO " + table + " (id, nosuch) VALUES", "id", number, []proto.Error{proto.ErrNoSuchColumnInTable}},
		{"unknown column in the block", "INSERT INTO " + table + " VALUES", "nosuch", number, nil},
		{"text for a number", "INSERT INTO " + table + " (id) VALUES", "id", text, nil},
		{"list for a number", "INSERT INTO " + table + " (id) VALUES", "id", list, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t)
			err := c.Do(t.Context(), ch.Query{Body: test.sql, Input: proto.Input{{Name: test.column, Data: test.data}}})
			wantCode(t, err, test.codes...)
			expect(t, admin, "SELECT count() FROM "+table, "0")
		})
	}
}

func TestWhatTheGatewayRefuses(t *testing.T) {
	gatewayOnly(t)
	for name, query := range map[string]ch.Query{
		"Variant":           {Body: "SELECT 1::UInt8::Variant(UInt8, String) AS v"},
		"AggregateFunction": {Body: "SELECT sumState(number) AS v FROM numbers(3)"},
		"external table":    {Body: "SELECT 1", ExternalData: proto.Input{{Name: "a", Data: proto.ColUInt8{1}}}, ExternalTable: "e"},
	} {
		t.Run(name, func(t *testing.T) {
			wantCode(t, dial(t).Do(t.Context(), query), proto.ErrNotImplemented)
		})
	}
}
