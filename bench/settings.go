package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// perRound finds the time in what a Go benchmark prints.
var perRound = regexp.MustCompile(`(\d+) ns/op`)

// settings measures the way from settings files to manifests that have been read back, for three environments of 1,000 flows: no server, no
// network. It runs the Go benchmark of package render in a process of its own each time, so that nothing is warm. [building] goes the same way with
// the whole tool.
func settings(ctx context.Context, l *lab, rounds int) ([]row, error) {
	program := filepath.Join(l.root, "settings.test")
	if out, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", program, "./tasks/render").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compiling the benchmark: %w\n%s", err, out)
	}
	defer os.Remove(program) //nolint:errcheck // the folder is temporary
	ours := contender{name: "ours", run: func(string) (turn, error) {
		// The collector works as it does in the tool: magefiles/targets/run.go.
		t, err := l.exec(ctx, []string{"GOGC=400", "GOMEMLIMIT=150MiB"}, program, "-test.run=^$", "-test.bench=ThousandFlows", "-test.benchtime=1x")
		if err != nil {
			return t, err
		}
		m := perRound.FindStringSubmatch(t.out)
		if m == nil {
			return t, fmt.Errorf("no figure in %q", t.out)
		}
		t.wall, err = time.ParseDuration(m[1] + "ns")
		return t, err
	}}
	r := race{job: "settings of 1,000 flows × 3 environments to manifests", rounds: rounds, contenders: []contender{ours}}
	rows, err := r.compete(ctx)
	if err != nil {
		return nil, err
	}
	built, err := building(ctx, l, rounds)
	return append(rows, built...), err
}

// building measures the command that goes from the files of 1,000 flows to a manifest, in a repository of its own beside the lab's.
func building(ctx context.Context, l *lab, rounds int) ([]row, error) {
	apart := *l
	apart.root = filepath.Join(l.root, ".thousand")
	if _, err := apart.plant(1000); err != nil {
		return nil, err
	}
	defer os.RemoveAll(apart.root) //nolint:errcheck // the lab goes too
	built := apart.twice("`mage deploy:build`", func(l *lab, _ string) (turn, error) { return l.exec(ctx, nil, l.mage, "deploy:build") })
	return race{job: "1,000 flows to a manifest", rounds: rounds, contenders: built}.compete(ctx)
}
