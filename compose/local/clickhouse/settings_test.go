package clickhouse_test

import (
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

func TestSettings(t *testing.T) {
	c := dial(t)
	const threads = "SELECT toString(getSetting('max_threads')) || '/' || toString(getSetting('max_block_size'))"

	exec(t, c, "SET max_threads = 1, max_block_size = 1000")
	expect(t, c, threads, "1/1000")
	expect(t, c, threads, "2/77", setting("max_threads", "2"), setting("max_block_size", "77"))
	expect(t, c, threads, "1/77", setting("max_block_size", "77"))
	expect(t, c, threads, "1/1000")

	exec(t, c, "SET max_threads = 3", setting("max_threads", "2"))
	expect(t, c, threads, "3/1000")
}

func TestSettingsThatAreRefused(t *testing.T) {
	c := dial(t)
	const limit = "SELECT toString(getSetting('max_result_rows'))"
	run := func(settings ...ch.Setting) error {
		return c.Do(t.Context(), ch.Query{Body: "SELECT 1", Settings: settings})
	}
	wantCode(t, run(setting("no_such_setting", "1")), proto.ErrUnknownSetting)
	expect(t, dial(t), limit, "0")

	c = dial(t)
	wantCode(t, run(setting("max_result_rows", "5"), setting("max_threads", "many")))
	c = dial(t)
	expect(t, c, limit, "0")
}

func TestSettingsAfterARefusedOneAreClean(t *testing.T) {
	gatewayOnly(t) // a real server ends the connection
	c := dial(t)
	err := c.Do(t.Context(), ch.Query{Body: "SELECT 1", Settings: []ch.Setting{setting("max_result_rows", "5"), setting("max_threads", "many")}})
	wantCode(t, err)
	expect(t, c, "SELECT toString(getSetting('max_result_rows'))", "0")
}

func TestSettingsThatTheGatewayKeeps(t *testing.T) {
	gatewayOnly(t)
	c := dial(t)
	exec(t, c, "SET async_insert = 1, log_comment = 'mine', max_threads = 1")
	expect(t, c, "SELECT (toString(getSetting('async_insert')), toString(getSetting('max_threads')), getSetting('log_comment') = 'mine')", "('false','1',0)")
	expect(t, c, "SELECT toString(getSetting('async_insert'))", "false", setting("async_insert", "1"))
}
