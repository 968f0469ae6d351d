package process

import "syscall"

// dieWithParent has the kernel send sig to the child when the thread that starts it ends. Go sets this after it has
// changed the child's user, which would clear it, and checks that the parent has not died in between.
func dieWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) bool {
	attr.Pdeathsig = sig
	return true
}
