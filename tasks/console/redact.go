package console

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"sync"
)

// mask stands in place of a secret.
const mask = "********"

// shortest is the length below which a value is not masked: a shorter one would also hide parts of ordinary words.
const shortest = 4

// Redactor replaces secrets in what passes its writers. The zero value knows none. It is safe for concurrent use.
type Redactor struct {
	mu       sync.RWMutex
	secrets  []string
	replacer *strings.Replacer
}

// Hide adds a secret. Values under four bytes are ignored.
func (r *Redactor) Hide(secret string) {
	if len(secret) < shortest {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = append(r.secrets, secret)
	// The longest first: a secret that starts like another must not show its end.
	slices.SortFunc(r.secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(r.secrets))
	for _, s := range r.secrets {
		pairs = append(pairs, s, mask)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// Text gives s with every secret masked.
func (r *Redactor) Text(s string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}

// Writer gives a writer that masks secrets in each single Write; a secret split over two writes is not seen, so callers
// write whole lines.
func (r *Redactor) Writer(w io.Writer) io.Writer { return &redacting{to: w, by: r} }

type redacting struct {
	to io.Writer
	by *Redactor
}

func (w *redacting) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.to, w.by.Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
