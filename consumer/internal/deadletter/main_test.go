package deadletter_test

import (
	"testing"

	"eventsync/compose/local/brokertest"
)

func TestMain(m *testing.M) { brokertest.Main(m) }
