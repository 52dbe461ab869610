package console

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

// sink is a stream that remembers why it could not be written to: most of those who print don't look.
type sink struct {
	w  io.Writer
	mu sync.Mutex

	err error
}

// Write implements io.Writer.
func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.err == nil {
			s.err = err
		}
	}
	return n, err
}

// Lost gives why a part of the results could not be written: a full disk, say. That a reader had enough, as head(1) has, is none.
func (c *Console) Lost() error {
	c.results.mu.Lock()
	defer c.results.mu.Unlock()
	if errors.Is(c.results.err, syscall.EPIPE) {
		return nil
	}
	return c.results.err
}

// quiet makes all that is written inert.
type quiet struct {
	to    io.Writer
	mu    sync.Mutex
	inert inert
}

// Write takes any piece of a text.
func (q *quiet) Write(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, err := q.to.Write(q.inert.convert(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}
