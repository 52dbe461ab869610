package apply

import (
	"sync"
	"time"
)

// mostWriters is how many requests an apply ever sends side by side.
const mostWriters = 8

// A window is how many actions are timed together before the pace is judged.
const window = 8

// writePace finds how many writers serve a server best. SQLite wants one: more only collide. Postgres with several processes takes more.
// It starts with one, adds writers while that pays by a tenth or more, and goes back for good when it does not or when the
// server calls itself busy.
type writePace struct {
	writers int
	most    int
	settled bool
	best    float64 // actions a second, with one step fewer writers
}

func newPace(most int) *writePace { return &writePace{writers: 1, most: most, settled: most <= 1} }

// judge looks at a finished window.
func (p *writePace) judge(actions int, took time.Duration, busy int64) {
	if p.settled || actions < window || took <= 0 {
		return
	}
	rate := float64(actions) / took.Seconds()
	switch {
	case p.writers > 1 && (busy > 0 || rate < p.best*1.1):
		p.writers, p.settled = p.writers/2, true
	case p.writers == 1 && busy > 1:
		p.settled = true
	case p.writers*2 > p.most:
		p.settled = true
	default:
		p.best, p.writers = rate, p.writers*2
	}
}

// run does the work in windows, each with as many writers as the pace says. busy counts the times that the server was busy so far.
func (p *writePace) run(n int, busy func() int64, do func(i int)) {
	for start := 0; start < n; {
		end := min(start+window*p.writers, n)
		began, before := time.Now(), busy()
		next := make(chan int)
		var writers sync.WaitGroup
		for range min(p.writers, end-start) {
			writers.Go(func() {
				for i := range next {
					do(i)
				}
			})
		}
		for i := start; i < end; i++ {
			next <- i
		}
		close(next)
		writers.Wait()
		p.judge(end-start, time.Since(began), busy()-before)
		start = end
	}
}
