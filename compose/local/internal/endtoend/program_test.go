package endtoend

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"eventsync/compose/local/programs"
)

// program is a running binary.
type program struct {
	*programs.Program
	f    *fixture
	over bool // ended by the test
}

// run starts a program, which is stopped in order at the end of the test.
func (f *fixture) run(name, binary string) *program {
	f.Helper()
	running, err := programs.Run(binary, name, f.files.Config, filepath.Join(f.dir, name+".log"))
	f.must(err)
	p := &program{Program: running, f: f}
	f.Cleanup(p.stop)
	return p
}

func (f *fixture) runProducer() *program { return f.run("producer", f.binaries.Producer) }
func (f *fixture) runConsumer() *program { return f.run("consumer", f.binaries.Consumer) }

// stop ends the program by SIGTERM. It must have lived until now, and end in order: what takes longer than the drain
// time ends with another exit code.
func (p *program) stop() {
	p.f.Helper()
	if p.over {
		return
	}
	p.over = true
	select {
	case <-p.Done():
		p.f.Errorf("it ended by itself: %v\n%s", p.Err(), p.Tail())
	default:
	}
	if err := p.Stop(context.WithoutCancel(p.f.Context())); err != nil {
		p.f.Errorf("stop: %v", err)
	}
	if err := p.Err(); err != nil {
		p.f.Errorf("it did not end in order: %v", err)
	}
}

// kill ends the program by SIGKILL.
func (p *program) kill() {
	p.f.Helper()
	p.over = true
	p.f.must(p.Kill())
}

// lines are those of the program's log that hold all of the words.
func (p *program) lines(words ...string) (found []string) {
	p.f.Helper()
	b, err := os.ReadFile(p.LogFile)
	p.f.must(err)
	for line := range strings.Lines(string(b)) {
		all := true
		for _, w := range words {
			all = all && strings.Contains(line, w)
		}
		if all {
			found = append(found, line)
		}
	}
	return found
}

// says waits until the program's log holds all of the words in one line.
func (p *program) says(words ...string) {
	p.f.Helper()
	p.f.eventually(fmt.Sprintf("line with %q in %s", words, p.LogFile), func() bool { return len(p.lines(words...)) > 0 })
}

func (f *fixture) logs() {
	files, err := filepath.Glob(filepath.Join(f.dir, "*.log"))
	f.must(err)
	for _, name := range files {
		b, err := os.ReadFile(name)
		f.must(err)
		f.Logf("%s:\n%s", filepath.Base(name), b[max(0, len(b)-3000):])
	}
}
