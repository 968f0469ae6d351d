package soak

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"eventsync/compose/local/internal/scene"
	"eventsync/compose/local/programs"
)

// memory is what the programs have held.
type memory struct{ held map[string][]held }

// held is a program's resident memory at one time.
type held struct {
	elapsed time.Duration
	bytes   int64
}

var errProc = errors.New("memory is read in /proc, which only Linux has")

// look notes what each program holds.
func (m *memory) look(elapsed time.Duration, running map[string]*programs.Program) error {
	if m.held == nil {
		m.held = map[string][]held{}
	}
	for name, p := range running {
		n, err := resident(p.Pid())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		m.held[name] = append(m.held[name], held{elapsed, n})
	}
	return nil
}

func (m *memory) last(name string) string {
	all := m.held[name]
	if len(all) == 0 {
		return "?"
	}
	return mebibytes(all[len(all)-1].bytes)
}

// resident is a process's memory now: statm's second field, in pages.
func resident(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, errors.Join(errProc, err)
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/%d/statm is %q", pid, b)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}

const (
	// shortest is how long a run must be to say anything of memory.
	shortest = 2 * time.Minute
	// Of what is left of a run after its first fifth, in which programs warm up, the last third's median may be above
	// the first third's by a quarter, which a garbage collector's mood explains, and somewhat more.
	growth = 1.25
	slack  = 32 << 20
)

// thirds gives the medians of the first and the last third after the warm-up.
func thirds(all []held, total time.Duration) (first, last int64) {
	from := total / 5
	third := (total - from) / 3
	middle := func(from, to time.Duration) int64 {
		var part []int64
		for _, h := range all {
			if h.elapsed >= from && h.elapsed < to {
				part = append(part, h.bytes)
			}
		}
		slices.Sort(part)
		if len(part) == 0 {
			return 0
		}
		return part[len(part)/2]
	}
	return middle(from, from+third), middle(total-third, total+third)
}

func limit(first int64) int64 { return int64(growth*float64(first)) + slack }

func (s *soak) judgeMemory() error {
	if s.options.For < shortest {
		s.Say("  memory: %v are too short to tell whether it grows", s.options.For)
		return nil
	}
	var errs []error
	for _, name := range scene.Programs {
		first, last := thirds(s.memory.held[name], s.options.For)
		s.Say("  memory of %s: median %s in the first third after warming up, %s in the last; the bound is %s", name, mebibytes(first), mebibytes(last), mebibytes(limit(first)))
		if last > limit(first) {
			errs = append(errs, fmt.Errorf("the memory of %s grew from %s to %s", name, mebibytes(first), mebibytes(last)))
		}
	}
	return errors.Join(errs...)
}
