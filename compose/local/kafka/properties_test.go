package kafka

import (
	"strings"
	"testing"
)

func TestPropertiesOfTheCallerWin(t *testing.T) {
	cfg := Config{Properties: map[string]string{"auto.create.topics.enable": "true", "path": `C:\logs`}}
	got := render(properties(cfg, "/data", 9092, 9093))
	for _, line := range []string{
		"auto.create.topics.enable=true\n",
		`path=C:\\logs` + "\n",
		"listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n",
		"log.dirs=/data\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("it has no line %q:\n%s", line, got)
		}
	}
}
