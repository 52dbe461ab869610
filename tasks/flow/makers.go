package flow

import "sync"

// makers remembers which functions and classes of the repository may make flows, for all who look at its files.
type makers struct {
	mutex sync.Mutex
	known map[spot]bool
}

// spot is where something is defined.
type spot struct {
	file  string
	start int
}

// asking is a question about one function, and what was met on the way to the answer.
type asking struct{ met map[spot]bool }

// ask answers from memory, or looks. What is met again while somebody looks adds nothing: whoever met it first finds what it leads to. So a
// no holds for all that was met once nothing was found at all, and a yes for itself.
func (k *makers) ask(r *recognizer, s spot, look func() bool) bool {
	k.mutex.Lock()
	is, ok := k.known[s]
	k.mutex.Unlock()
	if ok {
		return is
	}
	first := r.asking == nil
	if first {
		r.asking = &asking{met: map[spot]bool{}}
		defer func() { r.asking = nil }()
	}
	if r.asking.met[s] {
		return false
	}
	r.asking.met[s] = true
	is = look()
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if is {
		k.known[s] = true
	}
	if first && !is {
		for met := range r.asking.met {
			k.known[met] = false
		}
	}
	return is
}
