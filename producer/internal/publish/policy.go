package publish

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/letter"
	"eventsync/pkg/program"
)

const (
	cleanupPolicy     = "cleanup.policy"
	retention         = "retention.ms"
	minInSync         = "min.insync.replicas"
	maxMessageSetting = "max.message.bytes"
)

// settingsSeen are those that are looked at.
var settingsSeen = []string{cleanupPolicy, retention, minInSync, maxMessageSetting}

// policy is what a topic should be like.
type policy struct {
	partitions, replication int
	settings                []kafkaclient.Setting
}

func policyOf(cfg *config.Config, table string) policy {
	p := policy{partitions: cfg.Kafka.Partitions, replication: cfg.Kafka.Replication}
	for i := range cfg.Tables {
		if t := &cfg.Tables[i]; t.Source == table && t.Partitions > 0 {
			p.partitions = t.Partitions
		}
	}
	p.settings = []kafkaclient.Setting{{Name: cleanupPolicy, Value: cfg.Kafka.CleanupPolicy}}
	if r := cfg.Kafka.Retention; r > 0 {
		p.settings = append(p.settings, kafkaclient.Setting{Name: retention, Value: strconv.FormatInt(r.Milliseconds(), 10)})
	}
	return p
}

func deadLetterPolicy(cfg *config.Config) policy {
	return policy{partitions: letter.Partitions, replication: cfg.Kafka.Replication, settings: letter.Settings()}
}

// verify says what is wrong with a topic, or, as advice, what is only other than configured. Settings that we may not see
// are taken to be right.
func (p policy) verify(cfg *config.Config, topic string, is kafkaclient.Topic) (findings []program.Finding) {
	find := func(ok bool, fix, format string, args ...any) {
		findings = append(findings, program.Finding{What: "topic " + topic, OK: ok, Problem: fmt.Sprintf(format, args...), Fix: fix})
	}
	const advice, problem = true, false
	topics := command(cfg, "kafka-topics") + " --alter --topic " + topic
	configs := func(name, value string) string {
		return fmt.Sprintf("%s --alter --topic %s --add-config %s=%s", command(cfg, "kafka-configs"), topic, name, bracketed(value))
	}
	switch {
	case is.Partitions < p.partitions:
		find(advice, fmt.Sprintf("%s --partitions %d", topics, p.partitions), "it has %d partitions, and %d are configured", is.Partitions, p.partitions)
	case is.Partitions > p.partitions:
		find(advice, fmt.Sprintf("set kafka.partitions, or the table's partitions, to %d: a topic never has fewer again", is.Partitions),
			"it has %d partitions, and %d are configured", is.Partitions, p.partitions)
	}
	if is.Replication < p.replication {
		find(advice, fmt.Sprintf("move its partitions to %d brokers each: %s --execute --reassignment-json-file <plan>", p.replication, command(cfg, "kafka-reassign-partitions")),
			"its replication is %d, and %d is configured", is.Replication, p.replication)
	}
	for _, want := range p.settings {
		value, seen := is.Settings[want.Name]
		switch {
		case !seen:
		case want.Name == retention && shorter(value, want.Value):
			find(problem, configs(want.Name, want.Value), "it forgets messages after %s, and %s is configured: what is not synced by then is lost", duration(value), duration(want.Value))
		case want.Name == cleanupPolicy && !samePolicy(value, want.Value):
			find(!strings.Contains(value, "compact"), configs(want.Name, want.Value), "its %s is %s, and %s is configured", want.Name, value, want.Value)
		}
	}
	if n, err := strconv.Atoi(is.Settings[minInSync]); err == nil && n >= is.Replication && n > 1 {
		find(n == is.Replication, configs(minInSync, strconv.Itoa(max(1, is.Replication-1))),
			"its %s is %d, and its replication %d: nothing can be published while one broker is down", minInSync, n, is.Replication)
	}
	if n, err := strconv.Atoi(is.Settings[maxMessageSetting]); err == nil && n < defaultMaxBatch {
		find(advice, configs(maxMessageSetting, strconv.Itoa(defaultMaxBatch)),
			"it takes messages of %d bytes at most, which is less than Kafka's default: larger rows go to the dead letters", n)
	}
	return findings
}

func maxMessageBytes(is kafkaclient.Topic) int {
	if n, err := strconv.Atoi(is.Settings[maxMessageSetting]); err == nil && n > 0 {
		return n
	}
	return defaultMaxBatch
}

// shorter compares two values of retention.ms, of which a negative one is for ever.
func shorter(a, b string) bool {
	x, err1 := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	return err1 == nil && err2 == nil && x >= 0 && (y < 0 || x < y)
}

func samePolicy(a, b string) bool {
	return a == b || a == "delete,compact" && b == "compact,delete"
}

func duration(ms string) string {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil || n < 0 {
		return "never"
	}
	return (time.Duration(n) * time.Millisecond).String()
}

// bracketed is a value as kafka-configs takes it: one with a comma stands in brackets.
func bracketed(value string) string {
	if strings.Contains(value, ",") {
		return "[" + value + "]"
	}
	return value
}

// command begins one of Kafka's own.
func command(cfg *config.Config, name string) string {
	return fmt.Sprintf("%s --bootstrap-server %s", name, strings.Join(cfg.Kafka.Brokers, ","))
}
