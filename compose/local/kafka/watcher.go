package kafka

import (
	"bytes"
	"io"
	"sync"
)

// watcher passes a log on, and closes seen once the words were in it.
type watcher struct {
	words []byte
	next  io.Writer
	seen  chan struct{}
	once  sync.Once
	last  []byte // what could be the words' start
}

func newWatcher(words string, next io.Writer) *watcher {
	if next == nil {
		next = io.Discard
	}
	return &watcher{words: []byte(words), next: next, seen: make(chan struct{})}
}

func (w *watcher) Write(b []byte) (int, error) {
	text := append(w.last, b...)
	if bytes.Contains(text, w.words) {
		w.once.Do(func() { close(w.seen) })
	}
	keep := min(len(text), len(w.words)-1)
	w.last = append([]byte(nil), text[len(text)-keep:]...)
	return w.next.Write(b)
}
