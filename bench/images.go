package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/tree"
)

// hashWord and lookWord make this program one of the contenders that hash files and look images up.
const (
	hashWord = "hash"
	lookWord = "look"
)

// hashedBytes is how much is hashed, in files of an eighth.
const hashedBytes = 512 << 20

// baseImage is what .ci/docker makes for images to start from.
const baseImage = "flowmage-test-python:bookworm"

// images measures container deployments. It needs a Docker daemon that has the image to start from.
func images(ctx context.Context, tools programs, rounds int, write string) error {
	own := []string{"FLOWMAGE_CONTAINERS=on", "FLOWMAGE_PROJECT=benchmark", `FLOWMAGE_IMAGE__BUILD_ARGS={PYTHON_IMAGE: "` + baseImage + `"}`}
	if program, err := exec.LookPath("prefect"); err == nil {
		own = append(own, pythonVariable+filepath.Join(filepath.Dir(program), "python")) // one that is there needs no minute to install
	}
	l, err := openWith(ctx, tools, own...)
	if err != nil {
		return err
	}
	defer l.close()
	defer func() { _, _ = l.tool(ctx, l.url, "deploy:clean", "-images", "-yes") }() // what stays is ours and can be cleaned later
	var rows []row
	for _, measure := range []func(context.Context, *lab, int) ([]row, error){unchangedImages, hashing, coldImages} {
		more, err := measure(ctx, l, rounds)
		if err != nil {
			return err
		}
		rows = append(rows, more...)
		fmt.Fprint(os.Stderr, readTable(more))
	}
	text := readTable(rows)
	fmt.Fprint(os.Stdout, text)
	if write == "" {
		return nil
	}
	return replace(write, "images", func(string) string { return machine() + "\n\n" + text })
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
	floor := []string{lookWord, "", "flowmage:benchmark/dev", "benchmark-dev-containers"}
	for _, i := range list {
		if len(i.References) > 0 && i.Labels[image.LabelName] != "base" {
			floor = append(floor, i.References[0])
		}
	}
	contenders := []contender{
		{"`mage deploy:containers`", func(api string) (turn, error) { return l.tool(ctx, api, "deploy:containers") }},
		{"floor: the same questions to server and daemon, and nothing else", func(api string) (turn, error) {
			floor[1] = api
			return l.exec(ctx, nil, self, floor...)
		}},
	}
	return compete("3 containers, unchanged", l.url, rounds, contenders)
}

// look is the floor: look URL TAG POOL IMAGE...
func look(ctx context.Context, args []string) error {
	var group errgroup.Group
	group.Go(func() error { return floor(ctx, args[:3]) })
	group.Go(func() error {
		docker, err := image.Connect(ctx, os.Environ())
		if err != nil {
			return err
		}
		for _, reference := range args[3:] {
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

// hashing compares the hash of a build's files with the same bytes hashed in memory and by the system's own program, one core each.
func hashing(ctx context.Context, l *lab, rounds int) ([]row, error) {
	folder := filepath.Join(l.root, ".hashed")
	if err := os.Mkdir(folder, 0o750); err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the lab goes too
	names := []string{"--"}
	for i := range 8 {
		names = append(names, filepath.Join(folder, strconv.Itoa(i)))
		block := []byte(strings.Repeat(fmt.Sprintf("%016d", i), hashedBytes/8/16))
		if err := os.WriteFile(names[i+1], block, 0o600); err != nil {
			return nil, err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	mode := func(word string) func(string) (turn, error) {
		return func(string) (turn, error) {
			return timed(l.exec(ctx, []string{"GOMAXPROCS=1"}, self, hashWord, word, folder))
		}
	}
	rows, err := compete(fmt.Sprintf("hash %d MB in cached files, one core", hashedBytes/1_000_000), "", rounds, []contender{
		{"ours", mode("files")},
		{"SHA-256 of the same bytes in memory", mode("memory")},
		{"`sha256sum`, process start included", func(string) (turn, error) { return l.exec(ctx, nil, "sha256sum", names...) }},
	})
	for i := range rows {
		rows[i].peak = 0 // see remembering
		rows[i].name += fmt.Sprintf(", %.0f MB/s", hashedBytes/1e6/rows[i].median().Seconds())
	}
	return rows, err
}

// hash is a contender: the files of a folder as a build's context, or their bytes in memory.
func hash(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a word and a folder, got %v", args)
	}
	context, err := image.ReadContext(tree.Open(args[1]), "Dockerfile", nil)
	if err != nil {
		return err
	}
	if args[0] == "files" {
		start := time.Now()
		_, err := image.Tag(image.Spec{Context: context})
		fmt.Fprintln(os.Stdout, time.Since(start).Nanoseconds())
		return err
	}
	entries, err := os.ReadDir(args[1])
	if err != nil {
		return err
	}
	var spent time.Duration
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(args[1], e.Name())) //nolint:gosec // a folder of our own
		if err != nil {
			return err
		}
		start := time.Now()
		sha256.Sum256(data)
		spent += time.Since(start)
	}
	fmt.Fprintln(os.Stdout, spent.Nanoseconds())
	return nil
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
	rows, err := compete("3 images, every layer of theirs new", "", min(rounds, 7), []contender{
		{"side by side", build(0, []string{"deploy:build", "-kind=container"})},
		{"one after the other", build(1, []string{"deploy:build", "-kind=container", "-only=rpa1"},
			[]string{"deploy:build", "-kind=container", "-only=rpa2"}, []string{"deploy:build", "-kind=container", "-only=rpa3"})},
	})
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
