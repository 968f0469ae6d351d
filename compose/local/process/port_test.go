package process

import (
	"errors"
	"fmt"
	"net"
	"testing"
)

func TestFreePort(t *testing.T) {
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	if port < firstPort || port > lastPort {
		t.Errorf("%d is not between %d and %d", port, firstPort, lastPort)
	}
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnPort(t *testing.T) {
	taken := fmt.Errorf("start: %w", ErrPortTaken)
	other := errors.New("no luck")
	for _, test := range []struct {
		name   string
		port   int
		starts []error // what each start ends with
		want   error
	}{
		{"given", 7, []error{nil}, nil},
		{"given and taken", 7, []error{taken}, taken},
		{"free", 0, []error{nil}, nil},
		{"taken twice", 0, []error{taken, taken, nil}, nil},
		{"always taken", 0, []error{taken, taken, taken, taken, taken}, taken},
		{"another failure", 0, []error{other}, other},
	} {
		t.Run(test.name, func(t *testing.T) {
			starts := 0
			err := OnPort(test.port, func(port int) error {
				if port == 0 || test.port != 0 && port != test.port {
					t.Errorf("started on %d", port)
				}
				starts++
				if starts > len(test.starts) {
					t.Fatalf("%d starts", starts)
				}
				return test.starts[starts-1]
			})
			if !errors.Is(err, test.want) || starts != len(test.starts) {
				t.Errorf("%v after %d starts", err, starts)
			}
		})
	}
}
