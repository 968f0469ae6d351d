package app

import (
	"testing"

	"eventsync/compose/local/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }
