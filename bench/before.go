package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// programs are the compiled tools that are measured: today's, and one to compare it with, if any.
type programs struct{ mage, before string }

// located makes the paths whole, since the programs are started in other folders.
func (p programs) located() (programs, error) {
	for _, path := range []*string{&p.mage, &p.before} {
		if *path == "" {
			continue
		}
		whole, err := filepath.Abs(*path)
		if err != nil {
			return p, err
		}
		if _, err := os.Stat(whole); err != nil {
			return p, err
		}
		*path = whole
	}
	return p, nil
}

// twice is [lab.both] with our own command in it under a second name too: how far apart the two come out is how far apart equal programs can come
// out, and nothing closer tells programs apart.
func (l *lab) twice(name string, run func(l *lab, api string) (turn, error)) []contender {
	again := contender{name: name + ", the same once more (A/A)", run: func(api string) (turn, error) { return run(l, api) }}
	return slices.Insert(l.both(name, run), 1, again)
}

// both gives a command of our tool as a contender, and the same command of the program to compare with, if there is one.
func (l *lab) both(name string, run func(l *lab, api string) (turn, error)) []contender {
	list := []contender{{name: name, run: func(api string) (turn, error) { return run(l, api) }}}
	if l.before != "" {
		older := *l
		older.mage, older.before = l.before, ""
		list = append(list, contender{name: name + ", before", run: func(api string) (turn, error) { return run(&older, api) }})
	}
	return list
}

// agree tells when the program to compare with would change what ours has deployed: then each undoes the other's work, turn for turn, and
// nothing is unchanged.
func (l *lab) agree(ctx context.Context, api string, n int) error {
	if l.before == "" {
		return nil
	}
	t, err := l.exec(ctx, []string{"PREFECT_API_URL=" + api}, l.before, "deploy:plan")
	if want := fmt.Sprintf("%d unchanged", n); err == nil && !strings.Contains(t.out, want) {
		fmt.Fprintf(os.Stderr, "warning: the two programs write different deployments, so that each undoes the other's work:\n%.2000s\n", t.out)
	}
	return err
}
