package app

import (
	"testing"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/clickhouse/clickhousetest"
)

func TestMain(m *testing.M) { brokertest.Main(clickhousetest.Around(m)) }
