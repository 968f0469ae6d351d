package config

import "strings"

// TargetName is the table's name in ClickHouse.
func (t *Table) TargetName() string {
	if t.Target != "" {
		return t.Target
	}
	return t.Source[strings.LastIndexByte(t.Source, '.')+1:]
}

// Topic is the name of the topic that carries a source table's changes.
func (k *Kafka) Topic(source string) string { return k.TopicPrefix + "." + source }

// DeadLetterTopic is the name of the topic of what cannot be synced.
func (k *Kafka) DeadLetterTopic() string {
	if k.DeadLetters != "" {
		return k.DeadLetters
	}
	return k.TopicPrefix + ".dead_letters"
}
