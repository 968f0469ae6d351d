package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"
)

const hidden = "hunter2-swordfish"

func TestSecretIsNeverPrinted(t *testing.T) {
	config := Default()
	config.Postgres.DSN, config.Kafka.SASL.Password, config.ClickHouse.Password = hidden, hidden, hidden
	var shown []string
	for _, verb := range strings.Fields("%v %+v %#v %s %q %x %X %d %t") {
		shown = append(shown,
			fmt.Sprintf(verb, config), fmt.Sprintf(verb, &config), fmt.Sprintf(verb, config.Postgres), fmt.Sprintf(verb, config.Postgres.DSN))
	}
	inJSON, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	inYAML, err := yaml.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	shown = append(shown, string(inJSON), string(inYAML))
	for _, text := range shown {
		if strings.Contains(text, hidden) || strings.Contains(text, fmt.Sprintf("%x", hidden)) {
			t.Errorf("the secret is in %s", text)
		}
	}
	if config.Postgres.DSN.Reveal() != hidden {
		t.Error("Reveal does not")
	}
}

// TestSecretIsInNoError puts a secret, literally and by a variable, where a secret belongs and into the wrong shapes
// that people make of it.
func TestSecretIsInNoError(t *testing.T) {
	shapes := []string{
		"%s", "'%s", "\"%s", "[%s]", "{%s: 1}", "{a: %s}", "!%s", "!!int %s", "&a %s", "[*%s]", "|\n %s\n%s", "12345%s: x", "\n  - %s", "\n  %s: &x", "${%s", "${A}${NONE}%s",
		"%s: %s", "- %s", "\t%s", "@%s", "%% %s", "{[%s]}", "\n    dsn: %s", "? %s", "<<: %s", "`%s", "|%s", ">%s\n a",
	}
	for _, key := range []string{"postgres:\n  dsn: ", "postgres: ", "kafka:\n  sasl:\n    password: ", "clickhouse: {password: "} {
		for _, shape := range shapes {
			for _, secret := range []string{"postgres://u:" + hidden + "@h/d", "$" + hidden, "${SECRET}", "${SECRET}${NONE}", hidden + "\""} {
				text := key + strings.ReplaceAll(shape, "%s", secret)
				_, err := load("c.yaml", []byte(text), environment(map[string]string{"SECRET": hidden, "A": hidden}))
				if err == nil {
					t.Errorf("%q is loaded", text)
				} else if strings.Contains(err.Error(), hidden) {
					t.Errorf("%q gives\n%v", text, err)
				}
			}
		}
	}
}

func TestSizePrintsAsItIsRead(t *testing.T) {
	for size, want := range map[Size]string{0: "0B", 1: "1B", 1000: "1000B", 1024: "1KiB", 64 << 20: "64MiB", 3 << 40: "3072GiB"} {
		if size.String() != want {
			t.Errorf("%d is %s, want %s", int64(size), size, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := Size(rapid.Int64Range(1<<10, 1<<30).Draw(t, "size"))
		config, err := load("c.yaml", fmt.Appendf(nil, "%sconsumer: {batch: {bytes: %s}}", least, size), environment(nil))
		if err != nil || config.Consumer.Batch.Bytes != size {
			t.Fatalf("%s: %v", size, err)
		}
	})
}
