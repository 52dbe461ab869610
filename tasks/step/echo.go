package step

import (
	"bytes"
	"io"
	"sync"
)

// echo passes whole lines on, of both streams of a process: what masks secrets must not see halves of them.
type echo struct {
	mu sync.Mutex
	to io.Writer
}

// stream is one of the two.
type stream struct {
	echo *echo
	rest []byte
}

func (s *stream) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	end := bytes.LastIndexByte(s.rest, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	whole := s.rest[:end]
	s.rest = bytes.Clone(s.rest[end:])
	return len(p), s.echo.write(whole)
}

// end passes on what has no line break.
func (s *stream) end() error {
	if len(s.rest) == 0 {
		return nil
	}
	return s.echo.write(append(s.rest, '\n'))
}

func (e *echo) write(p []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.to.Write(p)
	return err
}
