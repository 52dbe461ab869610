package prerequisite

import (
	"bytes"
	"sync"
)

// Buffer is written by several at once, such as the consoles of commands that run side by side.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write adds a text; it never fails.
func (s *Buffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// String gives what was written so far.
func (s *Buffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// Reset forgets what was written.
func (s *Buffer) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}
