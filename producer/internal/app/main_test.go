package app

import (
	"testing"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(brokertest.Around(m)) }
