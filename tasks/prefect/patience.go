package prefect

import (
	"sync"
	"time"
)

// DefaultPatience is how long the waits that a server asks for may be in all, unless somebody chooses another time.
const DefaultPatience = 2 * time.Minute

// Patience bounds the waits that a server asks for (Retry-After), all of them together. Clients may share one; waits of several requests at
// the same time count once. Nil is the default, for each request.
type Patience struct {
	limit time.Duration

	mu    sync.Mutex
	spent time.Duration
	until time.Time // the end of the last wait
}

// NewPatience gives one of so long; zero means [DefaultPatience].
func NewPatience(limit time.Duration) *Patience {
	if limit <= 0 {
		limit = DefaultPatience
	}
	return &Patience{limit: limit}
}

// wait tells whether there is time for a wait that begins now, and counts it.
func (p *Patience) wait(now time.Time, d time.Duration) bool {
	if p == nil {
		return d <= DefaultPatience
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	end, begin := now.Add(d), now
	if p.until.After(begin) {
		begin = p.until
	}
	more := max(end.Sub(begin), 0)
	if p.spent+more > p.limit {
		return false
	}
	p.spent += more
	if end.After(p.until) {
		p.until = end
	}
	return true
}
