// Package telemetrytest asks a running program what it tells over HTTP, for tests: it waits until that is what it should
// be, and says what it is otherwise.
package telemetrytest

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// Program is a program that serves telemetry.
type Program struct {
	T        *testing.T
	Address  string        // "http://host:port"
	Prefix   string        // of the series that are asked for
	Deadline time.Duration // how long a test waits for what must come
}

// Get asks; the status is 0 while nobody answers.
func (p *Program) Get(path string) (int, string) {
	request, err := http.NewRequestWithContext(p.T.Context(), http.MethodGet, p.Address+path, nil)
	if err != nil {
		p.T.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(body)
}

// Metric gives the value of a series, and whether there is one.
func (p *Program) Metric(series string) (float64, bool) {
	_, body := p.Get("/metrics")
	match := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(p.Prefix+series) + ` (\S+)$`).FindStringSubmatch(body)
	if match == nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		p.T.Fatal(err)
	}
	return v, true
}

// WaitReady waits until /readyz has the status and says what it should.
func (p *Program) WaitReady(status int, says string) {
	p.T.Helper()
	pattern := regexp.MustCompile(says)
	var last string
	Eventually(p.T, p.Deadline, func() bool {
		got, body := p.Get("/readyz")
		last = fmt.Sprint(got, " ", body)
		return got == status && pattern.MatchString(body)
	}, func() string { return fmt.Sprintf("/readyz is %q, want %d with %s", last, status, says) })
}

// WaitMetric waits until the series has a value that is as it should be.
func (p *Program) WaitMetric(series string, ok func(float64) bool) {
	p.T.Helper()
	var last float64
	var found bool
	Eventually(p.T, p.Deadline, func() bool {
		last, found = p.Metric(series)
		return found && ok(last)
	}, func() string { return fmt.Sprintf("%s is %v (found: %v)", series, last, found) })
}

// WaitGone waits until the series is not told any more.
func (p *Program) WaitGone(series string) {
	p.T.Helper()
	Eventually(p.T, p.Deadline, func() bool {
		_, found := p.Metric(series)
		return !found
	}, func() string { return series + " is told" })
}

// Is wants that value.
func Is(want float64) func(float64) bool { return func(v float64) bool { return v == want } }

// Positive wants more than 0.
func Positive(v float64) bool { return v > 0 }

// AtLeast wants that or more.
func AtLeast(want float64) func(float64) bool { return func(v float64) bool { return v >= want } }

// Eventually polls until ok, or fails after the deadline and says what is.
func Eventually(t *testing.T, deadline time.Duration, ok func() bool, what func() string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.NewTimer(deadline)
	defer late.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatalf("not within %v: %s", deadline, what())
		}
	}
}
