package main

import (
	"os"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	got, err := parseStat([]byte("42 (a) b (c) S 1 42 42 0 -1 4194560 900 0 0 0 123 45 6 7 20 0 1 0 99 1000 200\n"))
	if err != nil || got != 1680*time.Millisecond {
		t.Errorf("%v, %v; want 123+45 ticks", got, err)
	}
	if _, err := parseStat([]byte("42 (a) S 1")); err == nil {
		t.Error("a stat that was cut off is no error")
	}
}

func TestParseStatus(t *testing.T) {
	got, err := parseStatus([]byte("Name:\ta\nVmPeak:\t  9 kB\nVmHWM:\t   12 kB\nVmRSS:\t 7 kB\n"))
	if err != nil || got != 12<<10 {
		t.Errorf("%v, %v; want 12 KiB", got, err)
	}
	if _, err := parseStatus([]byte("Name:\tzombie\n")); err == nil {
		t.Error("a process without memory is no error")
	}
}

func TestUsageOfSelf(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("needs /proc")
	}
	u, err := usageOf(os.Getpid())
	if err != nil || u.peak < 1<<20 {
		t.Errorf("%+v, %v; want a mebibyte at least", u, err)
	}
	if _, err := usageOf(1 << 30); err == nil {
		t.Error("a process that is not there is no error")
	}
}
