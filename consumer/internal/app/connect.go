package app

import (
	"eventsync/consumer/internal/sink"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
)

// servers are both sides that a command asks.
type servers struct {
	client *kafkaclient.Client
	sink   *sink.Sink
}

func connect(cfg *config.Config) (*servers, error) {
	client, err := kafkaclient.New(cfg.Kafka, clientID)
	if err != nil {
		return nil, err
	}
	s, err := sink.New(cfg.ClickHouse)
	if err != nil {
		client.Close()
		return nil, err
	}
	return &servers{client, s}, nil
}

func (s *servers) close() {
	s.sink.Close()
	s.client.Close()
}
