package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used since it began.
type usage struct {
	cpu  time.Duration
	peak int64 // bytes of memory, at most
}

// tick is Linux's unit of CPU times in /proc, on every machine.
const tick = 10 * time.Millisecond

var errProc = errors.New("bench reads CPU and memory of processes in /proc, which only Linux has")

// usageOf looks at a process while it runs. What the kernel tells of children that have ended would not do: their peak
// is never below the memory of the process that started them, since they begin in it.
func usageOf(pid int) (u usage, err error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, os.ErrNotExist) {
		if _, e := os.Stat("/proc/self/stat"); e != nil {
			return u, errProc
		}
	}
	if err != nil {
		return u, fmt.Errorf("process %d: %w", pid, err)
	}
	if u.cpu, err = parseStat(stat); err != nil {
		return u, fmt.Errorf("process %d: %w", pid, err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return u, fmt.Errorf("process %d: %w", pid, err)
	}
	if u.peak, err = parseStatus(status); err != nil {
		return u, fmt.Errorf("process %d: %w", pid, err)
	}
	return u, nil
}

// parseStat gives the CPU time of all threads, past ones included: the 14th and 15th field, of which the second may hold
// blanks and parentheses.
func parseStat(stat []byte) (time.Duration, error) {
	const user, system = 14 - 3, 15 - 3
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= system {
		return 0, fmt.Errorf("its stat %q is malformed", stat)
	}
	var total time.Duration
	for _, f := range []int{user, system} {
		n, err := strconv.ParseInt(string(fields[f]), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("its stat: %w", err)
		}
		total += time.Duration(n) * tick
	}
	return total, nil
}

var errNoPeak = errors.New("its status does not hold VmHWM: it has ended")

func parseStatus(status []byte) (int64, error) {
	for line := range strings.Lines(string(status)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("its status: %w", err)
			}
			return kib << 10, nil
		}
	}
	return 0, errNoPeak
}
