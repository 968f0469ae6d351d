package group

import (
	"testing"
	"testing/synctest"
	"time"
)

// A partition is held for a session timeout, and not by a clock that stands still or was set back.
func TestALeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &Claim{lease: time.Now().Add(10 * time.Second)}
		if !c.Held() {
			t.Error("not held when it begins")
		}
		<-time.After(9 * time.Second)
		if !c.Held() {
			t.Error("not held before it ends")
		}
		<-time.After(time.Second)
		if c.Held() {
			t.Error("held though it has ended")
		}
		c.lease = time.Now().Add(10 * time.Second).Round(0).Add(-20 * time.Second) // by the wall clock it has ended
		if c.Held() {
			t.Error("held by one clock alone")
		}
	})
}
