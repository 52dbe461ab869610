package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/image"
)

// lookWord makes this program the floor of container deployments.
const lookWord = "look"

// baseImage is what .ci/docker makes for images to start from.
const baseImage = "flowmage-test-python:bookworm"

// images measures container deployments. It needs a Docker daemon that has the image to start from.
func images(ctx context.Context, l *lab, rounds int) ([]row, error) {
	own := []string{"FLOWMAGE_CONTAINERS=on", "FLOWMAGE_PROJECT=benchmark", `FLOWMAGE_IMAGE__BUILD_ARGS={PYTHON_IMAGE: "` + baseImage + `"}`, pythonVariable + l.python()}
	l, err := openWith(ctx, l.programs, own...)
	if err != nil {
		return nil, err
	}
	defer l.close()
	defer func() { _, _ = l.tool(ctx, l.url, "deploy:clean", "-images", "-yes") }() // what stays is ours and can be cleaned later
	var rows []row
	for _, measure := range []func(context.Context, *lab, int) ([]row, error){unchangedImages, hashing, coldImages} {
		more, err := measure(ctx, l, rounds)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// unchangedImages deploys three containers again and again, when nothing has changed. The floor asks server and daemon the same.
func unchangedImages(ctx context.Context, l *lab, rounds int) ([]row, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	docker, err := image.Connect(ctx, os.Environ())
	if err != nil {
		return nil, err
	}
	defer docker.Close() //nolint:errcheck // it was only asked
	list, err := docker.List(ctx, "benchmark")
	if err != nil {
		return nil, err
	}
	asked := []string{"flowmage:benchmark/dev"}
	for _, i := range list {
		if len(i.References) > 0 && i.Labels[image.LabelName] != "base" {
			asked = append(asked, i.References[0])
		}
	}
	contenders := l.twice("`mage deploy:containers`", func(l *lab, api string) (turn, error) { return l.tool(ctx, api, "deploy:containers") })
	contenders = append(contenders, contender{
		name: "floor: the same questions to server and daemon, and nothing else", mirrors: true,
		run: func(api string) (turn, error) {
			return l.exec(ctx, nil, self, append([]string{lookWord, api}, asked...)...)
		},
	})
	return measured(ctx, race{job: "3 containers, unchanged", api: l.url, rounds: rounds, rest: quiet, contenders: contenders})
}

// look is the floor: look URL TAG IMAGE...
func look(ctx context.Context, args []string) error {
	var group errgroup.Group
	group.Go(func() error { return floor(ctx, args[:2]) })
	group.Go(func() error {
		docker, err := image.Connect(ctx, os.Environ())
		if err != nil {
			return err
		}
		for _, reference := range args[2:] {
			group.Go(func() error {
				_, there, err := docker.Inspect(ctx, reference)
				if err == nil && !there {
					err = errors.New("no image " + reference)
				}
				return err
			})
		}
		return nil
	})
	return group.Wait()
}

// coldImages builds three images whose every layer is new, from a base that is there: side by side, and one after the other. Beside it
// stands how busy the machine's processors were.
func coldImages(ctx context.Context, l *lab, rounds int) ([]row, error) {
	fresh := 0
	change := func() error {
		fresh++
		for _, name := range []string{"rpa1", "rpa2", "rpa3"} {
			// The first thing that a flow's own layers are made from.
			file, err := os.OpenFile(filepath.Join(l.root, "flows", name, "requirements.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(file, "\n# %d", fresh); errors.Join(err, file.Close()) != nil {
				return err
			}
		}
		return nil
	}
	busy := make([][]float64, 2)
	build := func(at int, commands ...[]string) func(string) (turn, error) {
		return func(string) (turn, error) {
			if err := change(); err != nil {
				return turn{}, err
			}
			var sum turn
			before, idle := processors()
			for _, args := range commands {
				t, err := l.tool(ctx, l.url, args...)
				if err != nil {
					return t, err
				}
				sum.wall, sum.cpu, sum.peak = sum.wall+t.wall, sum.cpu+t.cpu, max(sum.peak, t.peak)
			}
			after, idle2 := processors()
			busy[at] = append(busy[at], 1-float64(idle2-idle)/float64(max(after-before, 1)))
			return sum, nil
		}
	}
	r := race{job: "3 images, every layer of theirs new", rounds: min(rounds, 7), rest: quiet, contenders: []contender{
		{name: "side by side", run: build(0, []string{"deploy:build", "-kind=container"})},
		{name: "one after the other", run: build(1, []string{"deploy:build", "-kind=container", "-only=rpa1"},
			[]string{"deploy:build", "-kind=container", "-only=rpa2"}, []string{"deploy:build", "-kind=container", "-only=rpa3"})},
	}}
	rows, err := r.compete(ctx)
	for i := range rows {
		var sum float64
		for _, b := range busy[i] {
			sum += b
		}
		rows[i].peak = 0 // see remembering
		rows[i].name += fmt.Sprintf(", all %d cores %.0f %% busy", runtime.NumCPU(), 100*sum/float64(len(busy[i])))
	}
	return rows, err
}

// processors gives the time of all processors, and what of it was idle or spent on waiting for disks, in the system's ticks. Zero where the
// system does not tell.
func processors() (all, idle int64) {
	data, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(data), "\n")
	for i, word := range strings.Fields(strings.TrimPrefix(line, "cpu ")) {
		n, _ := strconv.ParseInt(word, 10, 64)
		if i < 8 { // the time of guests is in that of users already
			all += n
		}
		if i == 3 || i == 4 {
			idle += n
		}
	}
	return all, idle
}
