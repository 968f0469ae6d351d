package scene

import (
	"context"
	"errors"
	"fmt"

	"eventsync/compose/local/programs"
)

// Producer is the name of the only one.
const Producer = "producer"

// Programs are the names of those that run, in the order in which rows flow.
var Programs = []string{Producer, "consumer-1", "consumer-2"}

// StartPrograms starts one producer and two consumers, and watches how far they are.
func (s *Scene) StartPrograms(ctx context.Context) (err error) {
	for _, name := range Programs {
		if err := s.Start(name); err != nil {
			return err
		}
	}
	s.status, err = watchStatus(ctx, s.binaries.Consumer, s.Files().Config)
	return err
}

// Start starts a program of which no other runs.
func (s *Scene) Start(name string) error {
	binary := s.binaries.Consumer
	if name == Producer {
		binary = s.binaries.Producer
	}
	p, err := programs.Run(binary, name, s.Files().Config, s.Path(name+".log"))
	if err != nil {
		return err
	}
	s.Running[name] = p
	return nil
}

// Kill ends a program with SIGKILL.
func (s *Scene) Kill(name string) error {
	p := s.Running[name]
	delete(s.Running, name)
	return p.Kill()
}

// Died says which program has ended by itself.
func (s *Scene) Died() error {
	for _, p := range s.Running {
		select {
		case <-p.Done():
			return fmt.Errorf("%w; its log is %s", p.EndedEarly(), p.LogFile)
		default:
		}
	}
	return nil
}

func (s *Scene) stopPrograms(ctx context.Context) error {
	var errs []error
	if s.status != nil {
		s.status.stop()
	}
	for _, name := range Programs {
		if p := s.Running[name]; p != nil {
			if err := p.Stop(ctx); err != nil {
				errs = append(errs, fmt.Errorf("%w; its log is %s", err, p.LogFile))
			}
		}
	}
	return errors.Join(errs...)
}
