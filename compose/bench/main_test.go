package main

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is the bare loop's process too, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == bareName {
		main()
	}
	goleak.VerifyTestMain(m)
}
