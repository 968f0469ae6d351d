package publish_test

import (
	"testing"

	"go.uber.org/goleak"

	"eventsync/compose/local/brokertest"
)

// toxiproxy leaves one behind when toxics are taken away while data is on its way.
func TestMain(m *testing.M) {
	brokertest.Main(m, goleak.IgnoreAnyFunction("github.com/Shopify/toxiproxy/v2/toxics.(*ToxicStub).Run"))
}
