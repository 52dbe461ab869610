package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// floorWord is the first argument with which this program is the floor.
const floorWord = "floor"

// What several tables call the same contenders.
const (
	deployAll = "`mage deploy:all`"
	floorName = "floor: the same reads and nothing else"
	peerName  = "`prefect deploy --all`"
)

// floor sends what a plan must read, side by side: floor URL TAG.
func floor(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("floor takes 2 arguments, not %d", len(args))
	}
	api, err := prefect.New(prefect.Options{URL: args[0]})
	if err != nil {
		return err
	}
	var errs [4]error
	var group sync.WaitGroup
	group.Go(func() { _, errs[0] = api.Version(ctx) })
	group.Go(func() {
		_, errs[1] = api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{args[1]}})
	})
	group.Go(func() { _, errs[2] = api.FlowsOfDeployments(ctx, args[1]) })
	group.Go(func() { _, errs[3] = api.WorkPools(ctx) })
	group.Wait()
	return errors.Join(errs[:]...)
}

// unchangedThree deploys the three samples again and again, when nothing has changed.
func unchangedThree(ctx context.Context, l *lab, rounds int) ([]row, error) {
	const project = "flowmage-samples"
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := foreignManifest(filepath.Join(l.root, "prefect.dev.yaml"), filepath.Join(l.root, "prefect.cli.yaml"), "flowmage:"+project+"/dev"); err != nil {
		return nil, err
	}
	if err := l.agree(ctx, l.url, 3); err != nil {
		return nil, err
	}
	ours := l.twice(deployAll, func(l *lab, api string) (turn, error) { return l.tool(ctx, api, "deploy:all") })
	others := []contender{
		{name: floorName, mirrors: true, run: func(api string) (turn, error) {
			return l.exec(ctx, nil, self, floorWord, api, "flowmage:"+project+"/dev")
		}},
		{name: peerName, run: func(api string) (turn, error) {
			return l.prefect(ctx, api, "deploy", "--all", "--prefect-file", "prefect.cli.yaml")
		}},
	}
	return measured(ctx, race{job: "3 deployments, unchanged", api: l.url, rounds: rounds, rest: quiet, contenders: slices.Concat(ours, others)})
}

// foreignManifest writes the manifest with other names and without our tag, so that Prefect's own command line and we don't
// undo each other's work.
func foreignManifest(from, to, tag string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(data), "-python-dev\"", "-cli\"")
	return os.WriteFile(to, []byte(strings.ReplaceAll(text, tag, "cli")), 0o600) //nolint:gosec // both lie in our own folder
}
