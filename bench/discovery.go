package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/memory"
	reader "github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/tree"
)

// scanning compares the discovery with just reading all files.
func scanning(ctx context.Context, l *lab, folder string, library []string, rounds int) ([]row, error) {
	tree := filepath.Join(folder, "tree")
	size, err := plant(tree, library)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	mode := func(word string) func(string) (turn, error) {
		return func(string) (turn, error) { return remembering(l.exec(ctx, nil, self, readWord, word, tree)) }
	}
	discovery := []contender{
		{name: "floor: the same walk and reading, nothing else", run: mode("read")},
		{name: "discovery, every file checked", run: mode("scan")},
		{name: "discovery, files without the word flow unchecked", run: mode("skim")},
	}
	again, err := unchangedTree(ctx, mode, rounds)
	if err != nil {
		return nil, err
	}
	listed := l.both("`mage flows:list -root`, schemas included", func(l *lab, _ string) (turn, error) {
		t, err := l.exec(ctx, nil, l.mage, "flows:list", "-root="+tree)
		t.peak = 0 // see remembering
		return t, err
	})
	job := fmt.Sprintf("%d files, %d MB, %d flows", treeFiles, size/1e6, treeFlows)
	rows, err := race{job: job, rounds: rounds, contenders: slices.Concat(discovery, listed)}.compete(ctx)
	return slices.Concat(rows, again), err
}

// unchangedTree compares the discovery in a tree that it knows with just looking at all files from outside.
func unchangedTree(ctx context.Context, mode func(string) func(string) (turn, error), rounds int) ([]row, error) {
	if _, err := mode(learnWord)(""); err != nil {
		return nil, err
	}
	return race{job: fmt.Sprintf("%d files, unchanged", treeFiles), rounds: rounds, contenders: []contender{
		{name: "floor: the same walk and a stat of each file", run: mode(statWord)},
		{name: "discovery again, nothing changed (cache)", run: mode(recallWord)},
		{name: "discovery again, every file read (production)", run: mode(rereadWord)},
	}}.compete(ctx)
}

// What a scan that remembers is asked for: to learn, to recall, or to recall and read all the same.
const (
	statWord   = "stat"
	learnWord  = "learn"
	recallWord = "recall"
	rereadWord = "reread"
)

// recall scans a tree as the tool does, with a memory beside it.
func recall(ctx context.Context, folder, word string) (flow.Result, error) {
	file := folder + ".files"
	o := &flow.Recall{Read: word == rereadWord, Settled: time.Now(), Memory: sync.OnceValue(func() *memory.Memory {
		data, _ := os.ReadFile(file) //nolint:gosec // none is as good, and it is beside a folder of our own
		return memory.New(data, "bench")
	})}
	r, err := flow.Scan(ctx, flow.Folder(folder), flow.Options{Recall: o})
	switch {
	case err != nil:
		return r, err
	case word == learnWord:
		return r, os.WriteFile(file, memory.Encode(r.Memory, "bench"), 0o600) //nolint:gosec // beside a folder of our own
	case len(r.Memory) > 0:
		return r, errors.New("the tree is not known")
	}
	return r, nil
}

// remembering takes the memory that a contender measured itself, in bytes on its output: what the system counts for a child has a part of
// its parent's in it.
func remembering(t turn, err error) (turn, error) {
	if err != nil {
		return t, err
	}
	t.peak, err = strconv.ParseInt(strings.TrimSpace(t.out), 10, 64)
	return t, err
}

// plant makes a tree of real files and flows, 100 files a folder.
func plant(tree string, library []string) (size int, err error) {
	written := 0
	put := func(text []byte) error {
		folder := filepath.Join(tree, fmt.Sprintf("part%02d", written/100))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		size += len(text)
		written++
		return os.WriteFile(filepath.Join(folder, fmt.Sprintf("m%d.py", written)), text, 0o600) //nolint:gosec // a folder of our own
	}
	for i := range treeFlows {
		text := fmt.Sprintf("from prefect import flow\n\n@flow(name=\"flow %d\", retries=2)\ndef work(day: str, limit: int = %d):\n    \"\"\"Do it.\"\"\"\n", i, i)
		if err := put([]byte(text)); err != nil {
			return size, err
		}
	}
	var parser reader.Reader
	for written < treeFiles {
		for _, path := range library {
			text, err := os.ReadFile(path)
			if err != nil || len(text) > treeLargest || parser.Check(text) != nil {
				continue
			}
			if err := put(text); err != nil {
				return size, err
			}
			if written == treeFiles {
				break
			}
		}
	}
	return size, nil
}

// readAll reads every Python file of a tree as a scan does, with a worker for each processor, and does nothing else.
func readAll(folder string) error {
	return visitAll(folder, func(root *tree.Tree, name string, buffer []byte) []byte {
		buffer, _ = tree.Into(root, name, buffer, tree.Source)
		return buffer
	})
}

// statAll looks at every Python file of a tree from outside, in the same way.
func statAll(folder string) error {
	return visitAll(folder, func(root *tree.Tree, name string, buffer []byte) []byte {
		root.Stamp(name)
		return buffer
	})
}

func visitAll(folder string, visit func(root *tree.Tree, name string, buffer []byte) []byte) error {
	root := tree.Open(folder)
	names := make(chan []string, 64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			var buffer []byte
			for batch := range names {
				for _, name := range batch {
					buffer = visit(root, name, buffer)
				}
			}
		})
	}
	var batch []string
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".py") {
			if batch = append(batch, name); len(batch) == 16 {
				names <- batch
				batch = nil
			}
		}
		return err
	})
	names <- batch
	close(names)
	workers.Wait()
	return err
}
