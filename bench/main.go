// Command bench measures the compiled tool on a real Prefect server, side by side with Prefect's own command line and with
// the floor: a program that sends the same requests through the same client and does nothing else.
//
//	.ci/bench [-rounds=9] [-write=docs/benchmarks.md] [-before=PATH]
//
// The contenders take turns, so that a busy moment of the machine hits all of them. Times are medians with the range from the
// fastest to the slowest round; what counts is their ratio, and the numbers that don't depend on the machine: requests, writes.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // so that servers are stopped
	context.AfterFunc(ctx, stop)                                                           // the second signal ends it at once
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1) //nolint:forbidigo // this is a program of its own
	}
}

// contestants are what this program is besides, by its first argument.
func contestants() map[string]func(context.Context, []string) error {
	return map[string]func(context.Context, []string) error{
		floorWord: floor, replayWord: replay, lookWord: look, runWord: follow,
		readWord: read, againWord: again,
		hashWord: func(_ context.Context, args []string) error { return hash(args) },
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		if do, ok := contestants()[args[0]]; ok {
			return do(ctx, args[1:])
		}
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	var tools programs
	flags.StringVar(&tools.mage, "mage", ".flowmage/bin/mage", "the compiled tool")
	flags.StringVar(&tools.before, "before", "", "another compiled tool, an older one say, that takes its turns beside ours; the table is only printed then")
	rounds := flags.Int("rounds", 9, "turns of each contender, at least 7; fewer for jobs that Prefect's command line does too")
	only := flags.String("only", "", "the jobs, such as unchanged,changed; all of them unless told: "+strings.Join(names(jobs()), ", "))
	write := flags.String("write", "", "the Markdown file whose tables are replaced")
	if err := flags.Parse(args); err != nil {
		return err
	}
	tools, err := tools.located()
	if err != nil {
		return err
	}
	if tools.before != "" {
		*write = ""
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	return measure(ctx, tools, chosen, max(*rounds, 7), newReport(ctx, *write))
}

// measure does the jobs, and publishes the rows of each as soon as it is done: what fails later takes nothing away.
func measure(ctx context.Context, tools programs, jobs []job, rounds int, to report) error {
	l := &lab{programs: tools, root: "."}
	if slices.ContainsFunc(jobs, func(j job) bool { return !j.bare }) {
		var err error
		if l, err = open(ctx, tools); err != nil {
			return err
		}
		defer l.close()
	}
	for _, j := range jobs {
		n := rounds
		if j.slow {
			n = 1
		}
		rows, err := j.run(ctx, l, n)
		if err != nil {
			return fmt.Errorf("%s: %w", j.name, err)
		}
		if err := to.publish(cmp.Or(j.section, "measured"), j.layout(), rows); err != nil {
			return err
		}
	}
	return nil
}

// besidePeer sets jobs apart that Prefect's command line does too: its rounds take minutes, and leave a server that is busy for a while.
const besidePeer = ", beside Prefect's command line"

// job is something that several contenders do.
type job struct {
	name    string
	run     func(ctx context.Context, l *lab, rounds int) ([]row, error)
	section string // of the page, where that is not "measured"
	bare    bool   // it needs no server
	slow    bool   // a round takes minutes: there are as many as it takes for each contender to go first once
}

// layout is that of its section's table.
func (j job) layout() layout {
	if j.section == "" {
		return served()
	}
	return alone()
}

func names(list []job) []string {
	out := make([]string, 0, len(list))
	for _, j := range list {
		out = append(out, j.name)
	}
	return out
}

// choose gives the jobs of a list of names, all for none.
func choose(only string) ([]job, error) {
	all := jobs()
	if only == "" {
		return all, nil
	}
	asked := strings.Split(only, ",")
	for _, name := range asked {
		if !slices.Contains(names(all), name) {
			return nil, fmt.Errorf("there is no job %q: choose from %s", name, strings.Join(names(all), ", "))
		}
	}
	return slices.DeleteFunc(all, func(j job) bool { return !slices.Contains(asked, j.name) }), nil
}

func jobs() []job {
	return []job{
		{name: "settings", run: settings},
		{name: "three", run: unchangedThree},
		{name: "run", run: running}, // these have the sample flows, those below plant their own
		{name: "unchanged", run: func(ctx context.Context, l *lab, rounds int) ([]row, error) { return unchanged(ctx, l, 200, rounds) }},
		{name: "changed", run: func(ctx context.Context, l *lab, rounds int) ([]row, error) { return oneChanged(ctx, l, 1000, rounds) }},
		{name: "first", run: func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return firstDeploy(ctx, l, "", l.url, 200, rounds, 1)
		}},
		{name: "cluster", run: func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return onCluster(ctx, l, 200, rounds, 1, 4, 8)
		}},
		{name: "stored", run: func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return manyStored(ctx, l, []int{2500, 5000, 10_000}, rounds)
		}},
		{name: "python", section: "python", bare: true, run: python},
		{name: "schemas", section: "schemas", run: schemas},
		{name: "images", section: "images", run: images},
		{name: "peer", slow: true, run: func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return against(ctx, l, besidePeer, l.url, 200, rounds)
		}},
		{name: "stock", slow: true, run: func(ctx context.Context, l *lab, rounds int) ([]row, error) { return onStock(ctx, l, 200, rounds) }},
		{name: "first-peer", slow: true, run: func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return firstDeploy(ctx, l, besidePeer, l.url, 200, rounds)
		}},
		{name: "cluster-peer", slow: true, run: func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return onCluster(ctx, l, 200, rounds)
		}},
	}
}
