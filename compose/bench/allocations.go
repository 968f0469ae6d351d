package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// mallocsMetric is how many objects a Go program has allocated.
const mallocsMetric = "go_memstats_mallocs_total"

// steady counts what the consumer allocates between a third of the rows and the next two thirds: by then its buffers
// have their size.
func (b *bench) steady(ctx context.Context, f full, c configured, r *run) error {
	at := func(offset int64) (mallocs, rows float64, err error) {
		if _, _, err := awaitCommits(ctx, b.broker.Cluster(), c.name, f.topic(), offset); err != nil {
			return 0, 0, err
		}
		mallocs, err = scrape(ctx, c.listen, mallocsMetric)
		return mallocs, float64(committedRows(b.broker.Cluster().GroupInfo(c.name), f.topic())), err
	}
	mallocs, rows, err := at(int64(f.rows / 3))
	if err != nil {
		return err
	}
	mallocsAfter, rowsAfter, err := at(int64(f.rows - f.rows/3))
	if err != nil {
		return err
	}
	r.mallocs, r.mallocRows = mallocsAfter-mallocs, rowsAfter-rows
	return nil
}

// scrape reads a metric without labels from a program.
func scrape(ctx context.Context, address, name string) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("GET %s: %s", request.URL, response.Status)
	}
	return parseMetric(response.Body, name)
}

// parseMetric finds a metric without labels in Prometheus's text.
func parseMetric(r io.Reader, name string) (float64, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, errors.Join(fmt.Errorf("metric %s is not told", name), lines.Err())
}
