package daemon

import (
	"eventsync/compose/local/clickhouse/internal/chdb"
	"eventsync/compose/local/clickhouse/internal/gateway"
)

// engine is the library as the gateway sees it.
type engine struct {
	library *chdb.Library
	dir     string
}

func (e engine) Open() (gateway.EngineSession, error) {
	conn, err := e.library.Open(e.dir)
	if err != nil {
		return nil, err
	}
	return engineSession{conn}, nil
}

type engineSession struct{ *chdb.Conn }

func (s engineSession) Query(text, format string, use func(gateway.Chunk) error) error {
	return s.Conn.Query(text, format, func(c chdb.Chunk) error { return use(gateway.Chunk(c)) })
}

func (s engineSession) Stream(text, format string, use func(gateway.Chunk) error) error {
	return s.Conn.Stream(text, format, func(c chdb.Chunk) error { return use(gateway.Chunk(c)) })
}
