package gateway

import (
	"fmt"
	"time"

	"github.com/ClickHouse/ch-go/proto"
)

const handshakeTimeout = 10 * time.Second

// handshake opens the engine session. Every user and password is good: see Listen for why nobody else can come here.
func (n *session) handshake() error {
	code, err := n.packet(handshakeTimeout)
	if err != nil {
		return err
	}
	if code != proto.ClientCodeHello {
		return fmt.Errorf("packet %d instead of a greeting: is this a native-protocol client?", code)
	}
	var hello proto.ClientHello
	if err := hello.Decode(n.fields); err != nil {
		return err
	}
	n.revision = min(hello.ProtocolVersion, revision)
	if err := n.openEngine(hello.Database); err != nil {
		return n.refuse(err)
	}
	n.server.hello.EncodeAware(&n.out, n.revision)
	if err := n.flush(); err != nil {
		return err
	}
	if proto.FeatureAddendum.In(n.revision) {
		if _, err := n.fields.Str(); err != nil { // quota key
			return err
		}
	}
	return nil
}

func (n *session) openEngine(database string) (err error) {
	if n.engine, err = n.server.config.Engine.Open(); err != nil {
		return err
	}
	n.settings = newSettings(n.tag)
	if err := n.engine.Query(n.settings.initial(), "Null", ignore); err != nil {
		return err
	}
	if database == "" || database == "default" {
		return nil
	}
	return n.engine.Query("USE "+quoteName(database), "Null", ignore)
}
