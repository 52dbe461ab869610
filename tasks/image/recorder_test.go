package image

import (
	"context"
	"io"
	"sync"
)

// Recorder counts what is done to images, for who wants to show that nothing was.
type Recorder struct {
	Interface
	mu   sync.Mutex
	done []string
}

// Done gives what was done, such as "build rpa1", in the order in which it ended.
func (r *Recorder) Done() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.done...)
}

func (r *Recorder) note(what string, err error) {
	if err != nil {
		what += " failed"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = append(r.done, what)
}

// Build is noted.
func (r *Recorder) Build(ctx context.Context, s Spec, log io.Writer) (string, error) {
	id, err := r.Interface.Build(ctx, s, log)
	r.note("build "+s.Name, err)
	return id, err
}

// Push is noted.
func (r *Recorder) Push(ctx context.Context, reference string, log io.Writer) (string, error) {
	digest, err := r.Interface.Push(ctx, reference, log)
	r.note("push "+reference, err)
	return digest, err
}
