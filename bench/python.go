package main

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/flow"
)

// readWord makes this program one of the contenders that read Python.
const readWord = "read-python"

// The trees that are measured: as many bytes of the standard library, and a tree of so many files of at most so many bytes with some flows.
const (
	parsedBytes = 12 << 20
	treeFiles   = 10_000
	treeFlows   = 300
	treeLargest = 19_000
)

// python measures the reader of Python and the discovery of flows. It needs no server, only a Python whose library is read.
func python(ctx context.Context, l *lab, rounds int) ([]row, error) {
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "benchmark")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	l = &lab{programs: l.programs, root: here}
	library, err := sources(ctx, interpreter)
	if err != nil {
		return nil, err
	}
	parse, err := parsing(ctx, l, interpreter, folder, library, rounds)
	if err != nil {
		return nil, err
	}
	tree, err := scanning(ctx, l, folder, library, rounds)
	if err != nil {
		return nil, err
	}
	listing, err := listing(ctx, l, rounds)
	if err != nil {
		return nil, err
	}
	return slices.Concat(parse, tree, listing), nil
}

// sources lists the Python files of an interpreter's library and packages, in an order that is the same every time.
func sources(ctx context.Context, interpreter string) ([]string, error) {
	out, err := exec.CommandContext(ctx, interpreter, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").Output()
	if err != nil {
		return nil, err
	}
	var files []string
	err = filepath.WalkDir(strings.TrimSpace(string(out)), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") {
			files = append(files, path)
		}
		return err
	})
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same order every time
	random.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files, err
}

// listing measures the command as it is typed, on this repository.
func listing(ctx context.Context, l *lab, rounds int) ([]row, error) {
	compiled := l.both("compiled, `make discover-flows`", func(l *lab, _ string) (turn, error) { return l.exec(ctx, nil, l.mage, "flows:list") })
	asked := []contender{
		{name: "`go tool mage flows:list`", run: func(string) (turn, error) { return l.exec(ctx, nil, "go", "tool", "mage", "flows:list") }},
		{name: "the same with `MAGEFILE_HASHFAST=1`", run: func(string) (turn, error) {
			return l.exec(ctx, []string{"MAGEFILE_HASHFAST=1"}, "go", "tool", "mage", "flows:list")
		}},
	}
	return race{job: "list the flows of this repository", rounds: rounds, contenders: slices.Concat(compiled, asked)}.compete(ctx)
}

// read is a contender: parse or check the files of a list, or read, scan or skim a tree.
func read(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a word and a path, got %v", args)
	}
	debug.SetGCPercent(400) // as the tool has it, see tasks/ownprocess
	switch word, path := args[0], args[1]; word {
	case "schemas":
		return schemasOf(ctx, path)
	case "parse", "check":
		return parseAll(path, word == "parse")
	case "read":
		err := readAll(path)
		fmt.Fprintln(os.Stdout, ownPeak())
		return err
	case statWord:
		err := statAll(path)
		fmt.Fprintln(os.Stdout, ownPeak())
		return err
	case learnWord, recallWord, rereadWord:
		_, err := recall(ctx, path, word)
		fmt.Fprintln(os.Stdout, ownPeak())
		return err
	default:
		r, err := flow.Scan(ctx, flow.Folder(path), flow.Options{Skim: word == "skim"})
		if err == nil && len(r.Flows) < treeFlows {
			err = fmt.Errorf("only %d flows found", len(r.Flows))
		}
		fmt.Fprintln(os.Stdout, ownPeak())
		return err
	}
}
