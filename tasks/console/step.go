package console

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// How often a running step shows that it is alive.
const (
	redraw = 200 * time.Millisecond // on a terminal
	report = 5 * time.Second        // as plain lines
)

// Step is a piece of work that takes a while. It shows its title at once, then that it is alive, then how it ended. A step
// must be ended by Done or Fail; a second ending does nothing.
type Step struct {
	c      *Console
	title  string
	start  time.Time
	mu     sync.Mutex
	detail string
	stop   chan struct{}
	gone   chan struct{}
	once   sync.Once
}

// Begin starts a step; title is a present participle with its object, such as "starting the Prefect server".
func (c *Console) Begin(format string, args ...any) *Step {
	s := &Step{c: c, title: sentence(format, args), start: time.Now(), stop: make(chan struct{}), gone: make(chan struct{})}
	if !c.live {
		c.Say("%s ...", s.title)
	}
	go s.watch()
	return s
}

// Detail sets what the step is busy with.
func (s *Step) Detail(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.detail = sentence(format, args)
}

// Above gives where whole lines go while the step is under way: on a terminal they stand above the step's own line.
func (s *Step) Above() io.Writer { return above{s.c} }

type above struct{ c *Console }

func (a above) Write(p []byte) (int, error) {
	a.c.mu.Lock()
	defer a.c.mu.Unlock()
	if a.c.live {
		fmt.Fprint(a.c.screen, "\r\x1b[K")
	}
	return a.c.err.Write(p)
}

func (s *Step) watch() {
	defer close(s.gone)
	every := report
	if s.c.live {
		every = redraw
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			s.show()
		}
	}
}

func (s *Step) show() {
	s.mu.Lock()
	detail := s.detail
	s.mu.Unlock()
	if detail != "" {
		detail = ": " + detail
	}
	seconds := int(time.Since(s.start).Seconds())
	if !s.c.live {
		s.c.Say("  %s, %d s%s", s.title, seconds, detail)
		return
	}
	line := []rune(Inert(fmt.Sprintf("%s ... %d s%s", s.title, seconds, detail), Line))
	if len(line) > 100 {
		line = line[:100]
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	fmt.Fprintf(s.c.screen, "\r\x1b[K%s", string(line))
}

func (s *Step) end(mark, text string) {
	s.once.Do(func() {
		close(s.stop)
		<-s.gone
		if s.c.live {
			s.c.mu.Lock()
			fmt.Fprint(s.c.screen, "\r\x1b[K")
			s.c.mu.Unlock()
		}
		s.c.say(fmt.Sprintf("%s %s (%.1f s)", mark, text, time.Since(s.start).Seconds()))
	})
}

// Done ends the step well, with what it led to.
func (s *Step) Done(format string, args ...any) {
	s.end(s.c.Paint(Green, "ok"), sentence(format, args))
}

// Fail ends the step badly; the error itself is told by who handles it.
func (s *Step) Fail() { s.end(s.c.Paint(Red, "failed"), s.title) }

// Failed ends the step badly and gives err back.
func (s *Step) Failed(err error) error {
	s.Fail()
	return err
}

// How long somebody waits before being told for what, and how often after that.
const (
	patience = 5 * time.Second
	reminder = 30 * time.Second
)

// waits keeps many that wait at once from talking over each other.
type waits struct {
	mu   sync.Mutex
	said time.Time
}

// Await tells what is being waited for once that takes longer than 5 s, and every half a minute from then on; what is asked each time. Of many
// waits at once one is told of. What comes back ends it. A step that is under way tells of itself, so there nothing more needs to be said.
func (c *Console) Await(what func() string) (done func()) {
	begin := time.Now()
	var mu sync.Mutex
	var timer *time.Timer
	ended := false
	tell := func() {
		mu.Lock()
		defer mu.Unlock()
		if ended {
			return
		}
		timer.Reset(reminder)
		if c.waits.turn() {
			fmt.Fprintf(above{c}, "waiting for %s, %d s\n", what(), int(time.Since(begin).Seconds()))
		}
	}
	mu.Lock()
	timer = time.AfterFunc(patience, tell)
	mu.Unlock()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		ended = true
		timer.Stop()
	}
}

// turn tells whether nobody has spoken just now.
func (w *waits) turn() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if !w.said.IsZero() && now.Sub(w.said) < patience {
		return false
	}
	w.said = now
	return true
}
