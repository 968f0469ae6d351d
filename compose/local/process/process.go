package process

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Config says what to run and how it is to be stopped. Path is the only field without a default.
type Config struct {
	Name string   // what errors call the child; the base name of Path if empty
	Path string   // the program: an absolute path, or a name looked up in PATH
	Args []string // without the program's own name
	Env  []string // the parent's environment if nil
	Dir  string   // the working directory; the parent's if empty

	// Credential is the user the child runs as. Only root can set it.
	Credential *syscall.Credential

	// Log receives everything the child writes, beside the tail kept for errors. A Log that blocks blocks the child.
	Log io.Writer

	// Stdout receives what the child writes on its standard output, which then goes neither to Log nor to the tail: for a
	// child whose output is an answer and not a log. All of it is there once Done is closed.
	Stdout io.Writer

	// HoldStdin gives the child a pipe as its standard input on which nothing is ever written: reading end of file
	// there tells the child to end. It is closed first when the child is stopped, before any signal.
	HoldStdin bool

	// StopSignals are sent in turn by Stop, each followed by up to Grace for the child to end; then it is killed.
	// Default: SIGTERM, and 10 seconds. Empty but not nil sends none, to a child for which HoldStdin is enough.
	StopSignals []syscall.Signal
	Grace       time.Duration

	// DeathSignal is what the child gets when its parent dies. Default: SIGKILL. A server with children of its own
	// may need one that it can act on.
	DeathSignal syscall.Signal

	watchdog bool // use the watchdog even where the kernel could do its work; for tests
}

func (c Config) withDefaults() (Config, error) {
	if c.Name == "" {
		c.Name = filepath.Base(c.Path)
	}
	if !filepath.IsAbs(c.Path) {
		path, err := exec.LookPath(c.Path)
		if err != nil {
			return c, fmt.Errorf("start %s: %w", c.Name, err)
		}
		c.Path = path
	}
	if c.StopSignals == nil {
		c.StopSignals = []syscall.Signal{syscall.SIGTERM}
	}
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	if c.DeathSignal == 0 {
		c.DeathSignal = syscall.SIGKILL
	}
	return c, nil
}

// Process is a child that has been started. Its methods may be called from any goroutine.
type Process struct {
	cfg    Config
	cmd    *exec.Cmd
	tail   *tail
	output output
	stdin  *os.File // the end we hold; nil without HoldStdin
	once   sync.Once

	done chan struct{} // closed when the child is reaped and its output read
	err  error         // how it ended; read only after done
}

// Start runs the child. When it returns without an error the child is running, and the caller must Stop or Kill it.
func Start(cfg Config) (*Process, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Process{cfg: cfg, tail: newTail(), done: make(chan struct{})}
	// A literal, not exec.CommandContext: a child lives until Stop, not until the context of whoever started it ends.
	p.cmd = &exec.Cmd{
		Path:        cfg.Path,
		Args:        append([]string{cfg.Path}, cfg.Args...),
		Env:         cfg.Env,
		Dir:         cfg.Dir,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Credential: cfg.Credential},
	}
	started := make(chan error)
	go p.own(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", cfg.Name, err)
	}
	return p, nil
}

// Pid is the child's process id, and that of its process group.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when the child has ended, for whatever reason.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err says how the child ended, with the last lines it wrote; nil while it runs and after an exit with status 0.
func (p *Process) Err() error {
	select {
	case <-p.done:
		return p.err
	default:
		return nil
	}
}

// EndedEarly is Err for a child that has ended and was to run on: its exit with status 0 is an error too.
func (p *Process) EndedEarly() error {
	if err := p.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%s (pid %d) ended by itself%s", p.cfg.Name, p.Pid(), p.tail.quote())
}

// Tail is the end of what the child has written so far.
func (p *Process) Tail() string { return p.tail.String() }

// Signal sends one signal to the child alone, not to its group. A child that has ended is not an error.
func (p *Process) Signal(sig syscall.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %s to %s (pid %d): %w", sig, p.cfg.Name, p.Pid(), err)
	}
	return nil
}
