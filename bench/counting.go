package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// slow is what takes so long that its requests are counted once.
const slow = 5 * time.Second

// measured counts what each contender sends, holds the floor to its name, and then lets them compete.
func measured(ctx context.Context, r race) ([]row, error) {
	calls := make([][]*sent, len(r.contenders))
	for i, c := range r.contenders {
		var err error
		if calls[i], err = r.fewest(ctx, c); err != nil {
			return nil, err
		}
		if c.mirrors {
			if err := sameReads(calls[0], calls[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", r.job, err)
			}
		}
	}
	rows, err := r.compete(ctx)
	for i := range rows {
		rows[i].requests, rows[i].writes = len(calls[i]), writesOf(calls[i])
	}
	return rows, err
}

// fewest gives the requests of that one of three turns that sends the fewest, as a server that stalls makes a client ask again. A turn that
// takes long is the only one.
func (r race) fewest(ctx context.Context, c contender) ([]*sent, error) {
	var best []*sent
	for i := range 3 {
		if err := r.ready(ctx, c); err != nil {
			return nil, err
		}
		var took turn
		calls, err := tap(r.api, func(api string) (err error) {
			took, err = c.run(api)
			return err
		})
		if err != nil {
			return nil, err
		}
		if i == 0 || len(calls) < len(best) {
			best = calls
		}
		if took.wall > slow {
			break
		}
	}
	return best, nil
}

func writesOf(calls []*sent) int {
	n := 0
	for _, c := range calls {
		if c.writes() {
			n++
		}
	}
	return n
}

// sameReads tells when a floor that is said to send the same reads as ours and nothing else sends anything else.
func sameReads(ours, floor []*sent) error {
	left := map[string]int{}
	for _, c := range ours {
		if !c.writes() {
			left[c.line()]++
		}
	}
	for _, c := range floor {
		left[c.line()]--
	}
	maps.DeleteFunc(left, func(_ string, n int) bool { return n == 0 })
	if len(left) == 0 {
		return nil
	}
	var lines []string
	for _, line := range slices.Sorted(maps.Keys(left)) {
		lines = append(lines, fmt.Sprintf("%+d %s", -left[line], line))
	}
	return fmt.Errorf("the floor does not send what ours does:\n%s", strings.Join(lines, "\n"))
}

// line is a request in short.
func (s *sent) line() string { return strings.TrimSpace(s.Method + " " + s.Path + " " + s.Body) }
