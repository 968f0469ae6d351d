package config

import "testing"

func TestExpansion(t *testing.T) {
	variables := environment(map[string]string{"HOST": "db", "EMPTY": "", "FOUR": "4", "YES": "true", "ODD": "${HOST} $$ #"})
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"plain", "plain"},
		{"${HOST}", "db"},
		{"a-${HOST}:${FOUR}-z", "a-db:4-z"},
		{"${NONE:-x:y/z}", "x:y/z"},
		{"${NONE:-}", ""},
		{"${EMPTY:-x}", "x"},
		{"${EMPTY}", ""},
		{"${HOST:-x}", "db"},
		{"$$", "$"},
		{"$${HOST}", "${HOST}"},
		{"$$$1", "$$1"},
		{"$1 $2 $", "$1 $2 $"},
		{"${ODD}", "${HOST} $$ #"},
	} {
		got, _, err := expand(test.text, variables)
		if err != nil || got != test.want {
			t.Errorf("expand(%q) = %q, %v; want %q", test.text, got, err, test.want)
		}
	}
}

func TestExpandedValuesAreTypedByTheirKeys(t *testing.T) {
	config, err := load("c.yaml", []byte(least+`
producer: {slot: "${FOUR}", compression: "${NONE:-zstd}"}
consumer:
  group: ${FOUR}
  batch:
    rows: ${FOUR}
    bytes: ${FOUR}KiB
    interval: ${FOUR}s
clickhouse:
  tls:
    enabled: ${YES}
  database: ${NONE:-shop}
`), environment(map[string]string{"FOUR": "4", "YES": "true"}))
	if err != nil {
		t.Fatal(err)
	}
	got := []any{
		config.Producer.Slot, config.Consumer.Group, config.Consumer.Batch.Rows, config.Consumer.Batch.Bytes.String(),
		config.Consumer.Batch.Interval.String(), config.ClickHouse.TLS.Enabled, config.ClickHouse.Database, config.Producer.Compression,
	}
	for i, want := range []any{"4", "4", 4, "4KiB", "4s", true, "shop", "zstd"} {
		if got[i] != want {
			t.Errorf("value %d is %v, want %v", i, got[i], want)
		}
	}
}

func TestExpansionRefusals(t *testing.T) {
	_, err := load("c.yaml", []byte(least+`
postgres:
  dsn: postgres://${UNSET}@h/d
consumer:
  group: ${bad-name}
  batch:
    rows: "${FOUR}"
    bytes: ${WORD}
    interval: ${NONE:-${FOUR}s}
clickhouse:
  database: ${UNSET:+x}
  username: ${
`), environment(map[string]string{"FOUR": "4", "WORD": "many"}))
	wantLines(t, err, `
5:8: postgres.dsn: the environment variable UNSET is not set; expected it in the environment, or a default as in ${UNSET:-default}
7:10: consumer.group: a ${ begins no reference to an environment variable; expected ${NAME} or ${NAME:-default}, or $$ for a $
9:11: consumer.batch.rows: got the text "4"; expected a whole number from 1 to 1000000
10:12: consumer.batch.bytes: got the text "many"; expected a size from 1KiB to 1GiB, such as 64MiB
11:15: consumer.batch.interval: a ${ begins no reference to an environment variable; expected ${NAME} or ${NAME:-default}, or $$ for a $
13:13: clickhouse.database: a ${ begins no reference to an environment variable; expected ${NAME} or ${NAME:-default}, or $$ for a $
14:13: clickhouse.username: a ${ begins no reference to an environment variable; expected ${NAME} or ${NAME:-default}, or $$ for a $`)
}
