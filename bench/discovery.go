package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

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
	listed := l.both("`mage flows:list -root`, schemas included", func(l *lab, _ string) (turn, error) {
		t, err := l.exec(ctx, nil, l.mage, "flows:list", "-root="+tree)
		t.peak = 0 // see remembering
		return t, err
	})
	job := fmt.Sprintf("%d files, %d MB, %d flows", treeFiles, size/1e6, treeFlows)
	return race{job: job, rounds: rounds, contenders: slices.Concat(discovery, listed)}.compete(ctx)
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
	root := tree.Open(folder)
	names := make(chan []string, 64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			var buffer []byte
			for batch := range names {
				for _, name := range batch {
					buffer, _ = tree.Into(root, name, buffer, tree.Source)
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
