package soak

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"eventsync/compose/local/internal/scene"
)

// log is what matters of a program's log.
type log struct {
	errors, warnings []string
	streams          int // how often the producer began to stream
}

// read sorts the lines of a log in the console format. What is no line of the logger is a panic's.
func read(text string) (l log) {
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "\t", 3)
		switch {
		case len(fields) < 3 || fields[1] == "ERROR":
			l.errors = append(l.errors, strings.TrimSpace(line))
		case fields[1] == "WARN":
			l.warnings = append(l.warnings, strings.TrimSpace(line))
		case strings.HasPrefix(fields[2], "streaming\t"):
			l.streams++
		}
	}
	return l
}

// judgeLogs finds what should not be in the logs of a run in which nothing failed.
func (s *soak) judgeLogs() error {
	var errs []error
	for _, name := range scene.Programs {
		text, err := os.ReadFile(s.Path(name + ".log"))
		if err != nil {
			return err
		}
		l := read(string(text))
		s.Say("  log of %s: %d errors, %d warnings", name, len(l.errors), len(l.warnings))
		if len(l.warnings) > 0 {
			s.Say("    the first: %s", l.warnings[0])
		}
		if len(l.errors) > 0 {
			errs = append(errs, fmt.Errorf("%s logged %d errors; the first: %s", name, len(l.errors), l.errors[0]))
		}
		if name == scene.Producer && l.streams != 1 {
			errs = append(errs, fmt.Errorf("the producer began to stream %d times, not once", l.streams))
		}
	}
	return errors.Join(errs...)
}
