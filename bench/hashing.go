package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/tree"
)

// hashWord makes this program one of the contenders that hash files.
const hashWord = "hash"

// hashedBytes is how much is hashed, in files of an eighth.
const hashedBytes = 512 << 20

// hashing compares the hash of a build's files with SHA-256 of the same files by Go's library alone and by the system's own program. All three
// read the files from the system's cache, and what counts is processor time: one core's work beside one core's, wherever it runs.
func hashing(ctx context.Context, l *lab, rounds int) ([]row, error) {
	folder := filepath.Join(l.root, ".hashed")
	defer os.RemoveAll(folder) //nolint:errcheck // the lab goes too
	names, err := hashed(folder)
	if err != nil {
		return nil, err
	}
	empty := filepath.Join(l.root, ".empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return nil, err
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
	sum := func(files ...string) (turn, error) {
		return l.exec(ctx, nil, "sha256sum", append([]string{"--"}, files...)...)
	}
	job := fmt.Sprintf("hash %d MB in cached files, one core", hashedBytes/1_000_000)
	rows, err := race{job: job, rounds: rounds, contenders: []contender{
		{name: "ours: the files of a build, reading included", run: mode("ours")},
		{name: "Go's SHA-256 of the same files, reading included", run: mode("plain")},
		{name: "`sha256sum` of the same files, reading included, less its time on an empty file", run: func(string) (turn, error) {
			return less(sum, empty, names)
		}},
	}}.compete(ctx)
	for i := range rows {
		rows[i].peak = 0 // see remembering
		rows[i].name += fmt.Sprintf(", %.0f MB/s", hashedBytes/1e6/rows[i].median().Seconds())
	}
	return rows, err
}

// hashed writes the files.
func hashed(folder string) (names []string, err error) {
	if err := os.Mkdir(folder, 0o750); err != nil {
		return nil, err
	}
	for i := range 8 {
		names = append(names, filepath.Join(folder, strconv.Itoa(i)))
		block := []byte(strings.Repeat(fmt.Sprintf("%016d", i), hashedBytes/8/16))
		if err := os.WriteFile(names[i], block, 0o600); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// hash is a contender: it prints what the hash of a folder takes, as a build's context or file by file.
func hash(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want a word and a folder, got %v", args)
	}
	work := func() error { return hashPlain(args[1]) }
	if args[0] == "ours" {
		context, err := image.ReadContext(tree.Open(args[1]), "Dockerfile", nil)
		if err != nil {
			return err
		}
		work = func() error {
			_, err := image.Tag(image.Spec{Context: context})
			return err
		}
	}
	start := startClock()
	err := work()
	fmt.Fprintln(os.Stdout, start.spent().Nanoseconds())
	return err
}

// hashPlain hashes each file of a folder with the library alone, through a buffer as large as ours.
func hashPlain(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	buffer := make([]byte, 128<<10)
	for _, e := range entries {
		file, err := os.Open(filepath.Join(folder, e.Name())) //nolint:gosec // a folder of our own
		if err != nil {
			return err
		}
		// Without its method WriteTo, which would choose a buffer of its own.
		_, err = io.CopyBuffer(sha256.New(), struct{ io.Reader }{file}, buffer)
		if err := file.Close(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
	}
	return nil
}
