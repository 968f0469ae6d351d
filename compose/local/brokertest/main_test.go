package brokertest

import (
	"io"
	"strings"
	"testing"
)

func TestLeftGoroutineFailsMain(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	var out strings.Builder
	code := run(&kafkaOnce{}, func() int { go func() { <-stop }(); return 0 }, &out)
	if code == 0 || !strings.Contains(out.String(), "TestLeftGoroutineFailsMain") {
		t.Errorf("Main ended with %d, and said %q", code, out.String())
	}
}

func TestMainEndsAsTheTestsDid(t *testing.T) {
	if code := run(&kafkaOnce{}, func() int { return 3 }, io.Discard); code != 3 {
		t.Errorf("Main ended with %d for tests that ended with 3", code)
	}
}

func TestKafkaNeedsMain(t *testing.T) {
	if _, err := (&kafkaOnce{}).start(); err == nil || !strings.Contains(err.Error(), "TestMain") {
		t.Errorf("a start without Main: %v", err)
	}
}
