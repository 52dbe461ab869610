package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each contender goes first equally often and rests as long as the others before each turn, whatever it must prepare before that.
func TestTurns(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `"3.8.8"`) }))
	defer server.Close()
	for n := 1; n <= 6; n++ {
		var did []string
		r := race{job: "a job", api: server.URL, rounds: 7, rest: 3 * time.Second}
		r.sleep = func(_ context.Context, d time.Duration) error {
			did = append(did, "rest "+d.String())
			return nil
		}
		for i := range n {
			name := strconv.Itoa(i)
			c := contender{name: name, run: func(string) (turn, error) {
				did = append(did, "run "+name)
				return turn{wall: time.Duration(i+1) * time.Second}, nil
			}}
			if i%2 == 1 {
				c.before = func(string) error {
					did = append(did, "prepare "+name)
					return nil
				}
			}
			r.contenders = append(r.contenders, c)
		}
		rows, err := r.compete(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if len(row.walls) != r.counted() || len(row.walls) < 7 || row.ratio != float64(i+1) || row.prefect != "3.8.8" {
				t.Errorf("%d contenders: number %d has %d turns, ratio %v", n, i, len(row.walls), row.ratio)
			}
		}
		judgeTurns(t, n, r.counted(), did)
	}
}

// judgeTurns looks at what happened: round after round, and within each turn.
func judgeTurns(t *testing.T, n, rounds int, did []string) {
	t.Helper()
	var ran []string
	for i, what := range did {
		who, isRun := strings.CutPrefix(what, "run ")
		if !isRun {
			continue
		}
		ran = append(ran, who)
		if did[i-1] != "rest 3s" {
			t.Errorf("%d contenders: before %q comes %q", n, what, did[i-1])
		}
	}
	firsts := map[string]int{}
	for i, who := range ran[n:] { // the first round does not count
		if i%n == 0 {
			firsts[who]++
		}
	}
	want := map[string]int{}
	for i := range n {
		want[strconv.Itoa(i)] = rounds / n
	}
	if diff := cmp.Diff(want, firsts); diff != "" {
		t.Errorf("%d contenders: who goes first: %s", n, diff)
	}
}

// Over enough rounds each contender takes each place, and follows each other one, equally often.
func TestOrder(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 7; n++ {
		places, follows := map[[2]int]int{}, map[[2]int]int{}
		for round := range 2 * n {
			list := order(n, round)
			for place, who := range list {
				places[[2]int{place, who}]++
				if place > 0 {
					follows[[2]int{list[place-1], who}]++
				}
			}
		}
		for a := range n {
			for b := range n {
				if got := places[[2]int{a, b}]; got != 2 {
					t.Errorf("of %d, number %d is in place %d %d times", n, b, a, got)
				}
				if got := follows[[2]int{a, b}]; a != b && got != 2 {
					t.Errorf("of %d, number %d follows number %d %d times", n, b, a, got)
				}
			}
		}
	}
}

// What can't be prepared is not measured, and no turn begins when everything ends.
func TestTurnsEnd(t *testing.T) {
	t.Parallel()
	ran := false
	c := contender{name: "a", run: func(string) (turn, error) { ran = true; return turn{}, nil }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (race{rounds: 7, rest: time.Hour, contenders: []contender{c}}).compete(ctx); err == nil || ran {
		t.Error("a turn began")
	}
	c.before = func(string) error { return context.Canceled }
	if _, err := (race{rounds: 7, contenders: []contender{c}}).compete(t.Context()); err == nil || ran {
		t.Error("a turn began")
	}
}
