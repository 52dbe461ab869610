package deploying

import (
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// manyWrites is from how many deployments on an apply shows its progress.
const manyWrites = 10

// progress shows how far a long apply has come: count, rate and the time that is left.
type progress struct {
	console *console.Console
	step    *console.Step
	start   time.Time
	done    int
}

func newProgress(s *session.Session) *progress {
	return &progress{console: s.Console, start: time.Now()}
}

func (p *progress) note(_ plan.Outcome, total int) {
	if total < manyWrites {
		return
	}
	if p.step == nil {
		p.step = p.console.Begin("writing %s", console.Count(total, "deployment"))
	}
	p.done++
	rate := float64(p.done) / time.Since(p.start).Seconds()
	left := time.Duration(float64(total-p.done) / rate * float64(time.Second)).Round(time.Second)
	p.step.Detail("%d of %d, %.1f a second, %s left", p.done, total, rate, left)
}

func (p *progress) end(err error) {
	switch {
	case p.step == nil:
	case err != nil:
		p.step.Fail()
	default:
		p.step.Done("%s written", console.Count(p.done, "deployment"))
	}
}
