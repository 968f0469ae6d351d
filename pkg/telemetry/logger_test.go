package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"eventsync/pkg/config"
)

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	logger, err := newLogger(config.Log{Level: "info", Format: "json"}, zapcore.AddSync(&out))
	if err != nil {
		t.Fatal(err)
	}
	logger.Debug("too fine")
	logger.Named("gate").Error("flag unread", zap.Error(errors.New("no file")), zap.Duration("after", 1500*time.Millisecond),
		zap.Any("postgres", config.Postgres{DSN: "hunter2"}), zap.Stringer("dsn", config.Secret("hunter2")))
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("the secret is in %s", out.String())
	}
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("not one line of JSON: %v: %s", err, out.String())
	}
	at, _ := line["time"].(string)
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(at) {
		t.Errorf("time %q is not ISO 8601 in UTC", at)
	}
	for key, want := range map[string]string{"level": "error", "logger": "gate", "msg": "flag unread", "error": "no file", "after": "1.5s"} {
		if line[key] != want {
			t.Errorf("%s is %v, want %s", key, line[key], want)
		}
	}
}

func TestConsole(t *testing.T) {
	var out bytes.Buffer
	logger, err := newLogger(config.Log{Level: "debug", Format: "console"}, zapcore.AddSync(&out))
	if err != nil {
		t.Fatal(err)
	}
	logger.Debug("slot created", zap.String("slot", "eventsync"))
	if !regexp.MustCompile(`^\S+Z\tDEBUG\tslot created\t\{"slot": "eventsync"\}\n$`).MatchString(out.String()) {
		t.Errorf("line %q", out.String())
	}
}

func TestRefusals(t *testing.T) {
	for _, log := range []config.Log{{Level: "loud", Format: "json"}, {Level: "info", Format: "xml"}, {}} {
		if _, err := NewLogger(log); err == nil || !strings.Contains(err.Error(), "expected one of") {
			t.Errorf("%+v gives %v", log, err)
		}
	}
}
