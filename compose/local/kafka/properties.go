package kafka

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// properties are what the broker runs with unless Config.Properties says otherwise.
func properties(cfg Config, logDir string, port, controllerPort int) map[string]string {
	listener := fmt.Sprintf("PLAINTEXT://127.0.0.1:%d", port)
	controller := fmt.Sprintf("127.0.0.1:%d", controllerPort)
	p := map[string]string{
		"process.roles":                  "broker,controller",
		"node.id":                        "1",
		"controller.quorum.voters":       "1@" + controller,
		"controller.listener.names":      "CONTROLLER",
		"listeners":                      listener + ",CONTROLLER://" + controller,
		"advertised.listeners":           listener,
		"listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs":                       logDir,
		"auto.create.topics.enable":      "false",

		// The internal topics cannot have three replicas on one node, and with few partitions they are made sooner.
		"offsets.topic.replication.factor":                 "1",
		"offsets.topic.num.partitions":                     "4",
		"transaction.state.log.replication.factor":         "1",
		"transaction.state.log.min.isr":                    "1",
		"transaction.state.log.num.partitions":             "4",
		"share.coordinator.state.topic.replication.factor": "1",
		"share.coordinator.state.topic.min.isr":            "1",

		// A first member need not wait 3 seconds for others that will not come.
		"group.initial.rebalance.delay.ms": "0",

		// A broker that was killed is let in again only when it has been missed for this long, 9 seconds by default.
		"broker.session.timeout.ms":    "4000",
		"broker.heartbeat.interval.ms": "500",

		// The default takes 128 MiB from the heap at once: a broker with a heap that small dies of it.
		"log.cleaner.dedupe.buffer.size": "4194304",
	}
	maps.Copy(p, cfg.Properties)
	return p
}

// render is the properties as Java reads them from a file, in a fixed order.
func render(properties map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		value := strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(properties[name])
		fmt.Fprintf(&b, "%s=%s\n", name, value)
	}
	return b.String()
}
