package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestRefusals gives each file's whole error; c.yaml: is left out where it begins a line.
func TestRefusals(t *testing.T) {
	const nameExpected = "expected schema.table, such as public.events"
	for _, test := range []struct{ name, file, want string }{
		{"empty file", "", `
1:1: kafka.brokers: missing; expected a list of host:port, such as localhost:9092
1:1: tables: missing; expected a list of sections, at least one`},
		{"only comments", "# nothing\n---\n# here\n", `
1:1: kafka.brokers: missing; expected a list of host:port, such as localhost:9092
1:1: tables: missing; expected a list of sections, at least one`},
		{"root is a list", "- kafka\n", `
1:1: got a list; expected a section with the keys postgres, kafka, producer, consumer, clickhouse, gate, tables, log`},
		{"not YAML", least + "log: {level: info\n", `
3:6: not YAML: could not find flow mapping end token '}'; expected a YAML file`},
		{"reference in flow", "kafka: {brokers: [${A}]}\n", `
1:20: not YAML: ',' or ']' must be specified; expected a YAML file, with ${...} in quotes inside [ ] and { }`},
		{"two documents", least + "---\nlog: {}\n", `
4:1: a second YAML document begins here; expected one document in the file`},
		{"unknown keys", least + "kafak: 1\nlog:\n  lvl: x\n  hue: red\n", `
3:1: kafak: unknown key; expected kafka
5:3: log.lvl: unknown key; expected level
6:3: log.hue: unknown key; expected one of level, format`},
		{"unknown key that may be a secret", least + "postgres: {postgres://u:pw@h/d: 1}\n", `
3:12: postgres: unknown key; expected one of dsn`},
		{"duplicate key", least + "log: {level: info}\nlog:\n  level: warn\n", `
4:1: log: the key is already set in line 3; expected it once`},
		{"scalar for a section", least + "postgres: postgres://u:pw@h/d\n", `
3:11: postgres: got text; expected a section with the keys dsn`},
		{"scalar for a list", "kafka:\n  brokers: a:1\ntables: 1\n", `
2:12: kafka.brokers: got text; expected a list of host:port, such as localhost:9092
3:9: tables: got a number; expected a list of sections, at least one`},
		{"empty lists", "kafka:\n  brokers: []\ntables:\n", `
2:3: kafka.brokers: the list is empty; expected a list of host:port, such as localhost:9092
3:1: tables: the list is empty; expected a list of sections, at least one`},
		{"section for a scalar", least + "log: {level: {a: b}}\n", `
3:14: log.level: got a section; expected one of debug, info, warn, error`},
		{"no value", least + "log:\n  level:\n", `
4:3: log.level: has no value; expected one of debug, info, warn, error`},
		{"address", "kafka: {brokers: [localhost, 'h:0', 'h:70000', 9092]}\ntables: [{source: a.b}]\n", `
1:19: kafka.brokers[0]: got the text "localhost"; expected host:port, such as localhost:9092
1:30: kafka.brokers[1]: got the text "h:0"; expected host:port, such as localhost:9092
1:37: kafka.brokers[2]: got the text "h:70000"; expected host:port, such as localhost:9092
1:48: kafka.brokers[3]: got the number 9092; expected host:port, such as localhost:9092, in quotes`},
		{"wrong types", least + "producer:\n  epoch: '1'\n  linger: 5\n  slot: 7\n  snapshot_connections: 1.5\n", `
4:10: producer.epoch: got the text "1"; expected a whole number from 0 to 255
5:11: producer.linger: got the number 5; expected a duration from 0s to 10s, such as 250ms, 10s or 1m30s
6:9: producer.slot: got the number 7; expected up to 63 lower-case letters, digits and _, in quotes
7:25: producer.snapshot_connections: got the number 1.5; expected a whole number from 1 to 64`},
		{"secrets that are no text", "postgres: {dsn: true}\nkafka: {sasl: {password: 12345}}\n" + strings.ReplaceAll(least, "kafka", "log"), `
1:17: postgres.dsn: got a value that is no text; expected text, in quotes
2:1: kafka.brokers: missing; expected a list of host:port, such as localhost:9092
2:26: kafka.sasl.password: got a value that is no text; expected text, in quotes
3:7: log.brokers: unknown key; expected one of level, format`},
		{"block header", least + "log: {}\npostgres:\n  dsn: |hunter2\n", `
5:8: not YAML: invalid header option; expected a YAML file`},
		{"out of range", least + "producer: {epoch: 256, linger: -1ms, snapshot_connections: 0}\n" +
			"consumer:\n  session_timeout: 999ms\n  batch: {rows: 1000001, bytes: 2GiB, interval: 11m}\n", `
3:19: producer.epoch: got the number 256; expected a whole number from 0 to 255
3:32: producer.linger: got the text "-1ms"; expected a duration from 0s to 10s, such as 250ms, 10s or 1m30s
3:60: producer.snapshot_connections: got the number 0; expected a whole number from 1 to 64
5:20: consumer.session_timeout: got the text "999ms"; expected a duration from 1s to 30m, such as 250ms, 10s or 1m30s
6:17: consumer.batch.rows: got the number 1000001; expected a whole number from 1 to 1000000
6:33: consumer.batch.bytes: got the text "2GiB"; expected a size from 1KiB to 1GiB, such as 64MiB
6:49: consumer.batch.interval: got the text "11m"; expected a duration from 1ms to 10m, such as 250ms, 10s or 1m30s`},
		{"more than 64 bits", least + "producer: {epoch: 99999999999999999999}\nconsumer: {batch: {bytes: 9999999999GiB}}\n", `
3:19: producer.epoch: got the text "99999999999999999999"; expected a whole number from 0 to 255
4:27: consumer.batch.bytes: got the text "9999999999GiB"; expected a size from 1KiB to 1GiB, such as 64MiB`},
		{"words", least + "producer: {compression: gzip}\nlog: {format: text}\ngate: {provider: ''}\n", `
3:25: producer.compression: got the text "gzip"; expected one of none, lz4, zstd
4:15: log.format: got the text "text"; expected one of json, console
5:18: gate.provider: is empty; expected one of file`},
		{"boolean", least + "clickhouse: {tls: {enabled: yes}}\n", `
3:29: clickhouse.tls.enabled: got the text "yes"; expected true or false`},
		{"tables", "kafka: {brokers: ['k:1']}\ntables:\n  - source: events\n  - source: a.b\n  - source: a.b\n  - {source: c.b}\n  - target: x\n  -\n", `
3:13: tables[0].source: got the text "events"; ` + nameExpected + `
5:13: tables[2].source: a.b is already synced by tables[1]; expected each source once
6:5: tables[3].target: b is already the target of tables[1]; expected a target of its own
7:5: tables[4].source: missing; ` + nameExpected + `
8:3: tables[5].source: missing; ` + nameExpected},
		{"lookups", "kafka: {brokers: ['k:1']}\ntables:\n  - source: a.b\n    lookups:\n      - keys: []\n        sql: ''\n" +
			"      - {column: c, keys: [k]}\n      - {column: c, keys: [k], sql: s, sql_file: f}\n", `
5:9: tables[0].lookups[0].keys: the list is empty; expected a list of text
5:9: tables[0].lookups[0].column: missing; expected text
6:14: tables[0].lookups[0].sql: is empty; expected text
7:9: tables[0].lookups[1].sql: missing; expected sql or sql_file
8:18: tables[0].lookups[2].column: c is already joined in by lookups[1]; expected each column once
8:50: tables[0].lookups[2].sql_file: is set beside sql; expected only one of the two`},
		{"watches", "kafka: {brokers: ['k:1']}\ntables:\n  - source: a.b\n    lookups:\n      - column: c\n        keys: [k, l]\n        sql: s\n        watch:\n" +
			"          - {column: x, key: k}\n          - {source: w.x, column: x}\n          - {source: w.x, key: k}\n" +
			"          - {source: w.x, column: x, key: m}\n          - {source: wx}\n          - {source: w.x, column: x, key: l}\n          - {source: w.x, column: x, key: l}\n", `
9:13: tables[0].lookups[0].watch[0].source: missing; ` + nameExpected + `
10:13: tables[0].lookups[0].watch[1].key: missing; expected the lookup's key that x holds, or no column either
11:13: tables[0].lookups[0].watch[2].column: missing; expected the column that holds k, or no key either
12:43: tables[0].lookups[0].watch[3].key: m is no key of the lookup; expected one of k, l
13:22: tables[0].lookups[0].watch[4].source: got the text "wx"; ` + nameExpected + `
15:13: tables[0].lookups[0].watch[6]: is there already; expected each once`},
		{"lookup's file", "kafka: {brokers: ['k:1']}\ntables: [{source: a.b, lookups: [{column: c, keys: [k], sql_file: nowhere.sql}]}]\n", `
2:67: tables[0].lookups[0].sql_file: nowhere.sql cannot be read: no such file or directory; expected a file, relative to this one`},
		{"TLS", least + "clickhouse:\n  tls: {ca: ca.pem, key: k}\n", `
4:3: clickhouse.tls.certificate: missing; expected the certificate of the key
4:13: clickhouse.tls.ca: is set while TLS is off; expected enabled: true beside it
4:26: clickhouse.tls.key: is set while TLS is off; expected enabled: true beside it`},
		{"SASL", "kafka:\n  brokers: ['k:1']\n  sasl: {mechanism: plain}\ntables: [{source: a.b}]\n", `
3:3: kafka.sasl.username: missing; expected the username for plain
3:3: kafka.sasl.password: missing; expected the password for plain`},
		{"SASL without mechanism", "kafka:\n  brokers: ['k:1']\n  sasl: {username: u}\ntables: [{source: a.b}]\n", `
3:20: kafka.sasl.username: is set without a mechanism; expected mechanism beside it`},
		{"anchors, aliases, tags", least + "log: &l {level: &x info}\nproducer: {slot: *x, epoch: !!int 1}\nconsumer: {<<: *l}\n", `
3:6: log: got an anchor, an alias, a merge key or a tag; expected a section with the keys level, format
4:18: producer.slot: got an anchor, an alias, a merge key or a tag; expected up to 63 lower-case letters, digits and _
4:29: producer.epoch: got an anchor, an alias, a merge key or a tag; expected a whole number from 0 to 255
5:12: consumer: got an anchor, an alias, a merge key or a tag; expected the values written out`},
		{"what follows from a refused key is not told", least + "clickhouse: {tls: {enabled: yes, ca: ca.pem}}\n", `
3:29: clickhouse.tls.enabled: got the text "yes"; expected true or false`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load("c.yaml", []byte(test.file), environment(nil))
			wantLines(t, err, test.want)
		})
	}
}

func TestLoadOfNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.yaml")
	_, err := Load(path)
	wantError(t, err, "read the configuration: open "+path+": no such file or directory")
}
