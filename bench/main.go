// Command bench measures the compiled tool on a real Prefect server, side by side with Prefect's own command line and with
// the floor: a program that sends the same requests through the same client and does nothing else.
//
//	.ci/bench [-rounds=9] [-write=docs/benchmarks.md] [-before=PATH]
//
// The contenders take turns, so that a busy moment of the machine hits all of them. Times are medians with the range from the
// fastest to the slowest round; what counts is their ratio, and the numbers that don't depend on the machine: requests, writes.
package main

import (
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
	rounds := flags.Int("rounds", 9, "turns of each contender, at least 7")
	only := flags.String("only", "settings,three,unchanged,changed", "the scenarios: settings, three, unchanged, changed, run, peer, stock, first, first-peer, cluster, cluster-peer, stored; or python, schemas or images alone")
	write := flags.String("write", "", "the Markdown file whose table is replaced")
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
	to := newReport(ctx, *write)
	switch *only { // these need no server, or a special one
	case "schemas":
		return schemas(ctx, min(*rounds, 3), to)
	case "python":
		return python(ctx, tools, max(*rounds, 7), to)
	case "images":
		return images(ctx, tools, max(*rounds, 7), to)
	}
	l, err := open(ctx, tools)
	if err != nil {
		return err
	}
	defer l.close()
	var rows []row
	for _, s := range scenarios() {
		if !slices.Contains(strings.Split(*only, ","), s.name) {
			continue
		}
		more, err := s.run(ctx, l, max(*rounds, 7))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		rows = append(rows, more...)
	}
	return to.publish("measured", served(), rows)
}

// besidePeer sets jobs apart that Prefect's command line does too: its rounds take minutes, and leave a server that is busy for a while.
const besidePeer = ", beside Prefect's command line"

// scenario is one job that several contenders do.
type scenario struct {
	name string
	run  func(ctx context.Context, l *lab, rounds int) ([]row, error)
}

func scenarios() []scenario {
	return []scenario{
		{"settings", settings},
		{"three", unchangedThree},
		{"run", running}, // these have the sample flows, those below plant their own
		{"unchanged", func(ctx context.Context, l *lab, rounds int) ([]row, error) { return unchanged(ctx, l, 200, rounds) }},
		{"changed", func(ctx context.Context, l *lab, rounds int) ([]row, error) { return oneChanged(ctx, l, 1000, rounds) }},
		{"peer", func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return against(ctx, l, besidePeer, l.url, 200, rounds)
		}},
		{"stock", func(ctx context.Context, l *lab, rounds int) ([]row, error) { return onStock(ctx, l, 200, rounds) }},
		{"first", func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return firstDeploy(ctx, l, "", l.url, 200, rounds, 1)
		}},
		{"first-peer", func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return firstDeploy(ctx, l, besidePeer, l.url, 200, rounds)
		}},
		{"cluster", func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return onCluster(ctx, l, 200, rounds, 1, 4, 8)
		}},
		{"cluster-peer", func(ctx context.Context, l *lab, rounds int) ([]row, error) { return onCluster(ctx, l, 200, rounds) }},
		{"stored", func(ctx context.Context, l *lab, rounds int) ([]row, error) {
			return manyStored(ctx, l, []int{2500, 5000, 10_000}, rounds)
		}},
	}
}
