package image

import (
	"context"
	"io"
	"sync"
)

// Limited lets so many builds and pushes run at once; the others wait.
func Limited(in Interface, most int) Interface {
	return &limited{Interface: in, slots: make(chan struct{}, max(most, 1))}
}

type limited struct {
	Interface
	slots chan struct{}
}

func (l *limited) turn(ctx context.Context, do func() (string, error)) (string, error) {
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
		return do()
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Build waits for its turn.
func (l *limited) Build(ctx context.Context, s Spec, log io.Writer) (string, error) {
	return l.turn(ctx, func() (string, error) { return l.Interface.Build(ctx, s, log) })
}

// Push waits for its turn.
func (l *limited) Push(ctx context.Context, reference string, log io.Writer) (string, error) {
	return l.turn(ctx, func() (string, error) { return l.Interface.Push(ctx, reference, log) })
}

// Cached asks a registry for each digest once. What was pushed since is known without asking.
func Cached(in Interface) Interface { return &cached{Interface: in, digests: map[string]string{}} }

type cached struct {
	Interface
	mu      sync.Mutex
	digests map[string]string
}

// Digest gives what was found before; only what is not in the registry is asked for again.
func (c *cached) Digest(ctx context.Context, reference string) (string, bool, error) {
	c.mu.Lock()
	digest, known := c.digests[reference]
	c.mu.Unlock()
	if known {
		return digest, true, nil
	}
	digest, there, err := c.Interface.Digest(ctx, reference)
	if there && err == nil {
		c.keep(reference, digest)
	}
	return digest, there, err
}

// Push takes a note of the digest.
func (c *cached) Push(ctx context.Context, reference string, log io.Writer) (string, error) {
	digest, err := c.Interface.Push(ctx, reference, log)
	if err == nil {
		c.keep(reference, digest)
	}
	return digest, err
}

func (c *cached) keep(reference, digest string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.digests[reference] = digest
}
