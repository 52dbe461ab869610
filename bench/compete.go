package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// contender is one way to do a job.
type contender struct {
	name string
	run  func(api string) (turn, error)
	// before puts things where this contender needs them, ahead of the rest and of the clock. It may be nil.
	before func(api string) error
	// mirrors says that it sends the same reads as the first contender and nothing else, which is looked at before it is measured.
	mirrors bool
}

// race is a job that contenders do in turns.
type race struct {
	job, api   string
	rounds     int           // at least; see [race.counted]
	rest       time.Duration // before each turn, whoever's it is
	contenders []contender
	sleep      func(ctx context.Context, d time.Duration) error // [pause], but for tests
}

// counted is how many rounds count: so many that each contender goes first equally often.
func (r race) counted() int {
	n := len(r.contenders)
	return (r.rounds + n - 1) / n * n
}

// order tells who takes which turn of a round. Over n rounds each of n contenders takes each place once, and follows each other one equally
// often where n is even; an odd n needs a second, mirrored cycle for that. What a turn leaves on the server thus hits everybody.
func order(n, round int) []int {
	list := make([]int, n)
	for place := range list {
		step := (place + 1) / 2 // 0, 1, -1, 2, -2 …
		if place%2 == 0 {
			step = n - step
		}
		list[place] = (step + round) % n
	}
	if n%2 == 1 && round/n%2 == 1 {
		slices.Reverse(list)
	}
	return list
}

// compete lets the contenders take turns, after a round that does not count. Ratios are medians of each round's own ratio.
func (r race) compete(ctx context.Context) ([]row, error) {
	rounds := r.counted()
	turns := make([][]turn, len(r.contenders))
	for round := range rounds + 1 {
		fmt.Fprintf(os.Stderr, "%s: round %d of %d\n", r.job, round, rounds)
		for _, i := range order(len(r.contenders), max(round-1, 0)) {
			t, err := r.turn(ctx, r.contenders[i])
			if err != nil {
				return nil, err
			}
			if round > 0 {
				turns[i] = append(turns[i], t)
			}
		}
	}
	rows := make([]row, 0, len(turns))
	for i, c := range r.contenders {
		rows = append(rows, rowOf(r.job, c.name, turns[i], turns[0]))
	}
	if r.api == "" {
		return rows, nil
	}
	prefect, err := release(ctx, r.api)
	for i := range rows {
		rows[i].prefect = prefect
	}
	return rows, err
}

func (r race) turn(ctx context.Context, c contender) (turn, error) {
	if err := r.ready(ctx, c); err != nil {
		return turn{}, err
	}
	return c.run(r.api)
}

// ready prepares a turn and gives it its rest.
func (r race) ready(ctx context.Context, c contender) error {
	if c.before != nil {
		if err := c.before(r.api); err != nil {
			return err
		}
	}
	sleep := r.sleep
	if sleep == nil {
		sleep = pause
	}
	return sleep(ctx, r.rest)
}

// pause waits, unless everything ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// rowOf sums up a contender's turns, beside those of the first contender.
func rowOf(job, name string, turns, first []turn) row {
	r := row{job: job, name: name, requests: -1, day: time.Now()}
	cpus, peaks, ratios := make([]time.Duration, len(turns)), make([]int64, len(turns)), make([]float64, len(turns))
	for k, t := range turns {
		r.walls = append(r.walls, t.wall)
		cpus[k], peaks[k], ratios[k] = t.cpu, t.peak, t.wall.Seconds()/first[k].wall.Seconds()
	}
	slices.Sort(r.walls)
	r.cpu, r.peak, r.ratio = middle(cpus), middle(peaks), middle(ratios)
	return r
}

// middle gives the median.
func middle[T int64 | float64 | time.Duration](list []T) T {
	return slices.Sorted(slices.Values(list))[len(list)/2]
}
