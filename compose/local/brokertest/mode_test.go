package brokertest

import (
	"slices"
	"strings"
	"testing"
)

func TestKinds(t *testing.T) {
	for mode, want := range map[string][]Kind{
		"":     {Fake},
		"auto": {Fake},
		"real": {Kafka},
		"both": {Fake, Kafka},
	} {
		got, err := kinds(mode)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s=%q asks for %v (%v), want %v", Env, mode, got, err, want)
		}
	}
	if _, err := kinds("yes"); err == nil || !strings.Contains(err.Error(), "auto, real or both") {
		t.Errorf("%s=yes: %v", Env, err)
	}
}
