package git

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/tree"
)

// largestConfig bounds what is read of a configuration file here; a larger one is left to git.
const largestConfig = 1 << 20

// filtersOff gives the options that switch off each filter that an untrusted repository's own configuration defines: to compare a file, git would
// run the filter that the file's attributes name. Filters of the user's and the machine's stay. A trusted repository keeps its own too, as Git LFS
// (git lfs install --local, by which CI systems set it up), git-crypt and nbstripout are such ones: without them a clean checkout differs.
func (r Repository) filtersOff(ctx context.Context) ([]string, error) {
	if !r.untrusted || !r.mayFilter() {
		return nil, nil
	}
	out, err := r.ask(ctx, "config", "--list", "--includes", "--show-scope", "--name-only", "-z")
	if err != nil {
		return nil, err
	}
	var names []string
	fields := strings.Split(out, "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		scope, key := fields[i], fields[i+1]
		if scope != "local" && scope != "worktree" || !strings.HasPrefix(key, "filter.") {
			continue
		}
		name := key[:max(strings.LastIndexByte(key, '.'), len("filter."))]
		if strings.ContainsAny(name, "=\n") { // can't be spelt on a command line, and is nobody's honest filter
			return nil, fmt.Errorf("a filter of the repository has the name %q", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var off []string
	for _, name := range slices.Compact(names) {
		for _, setting := range []string{".clean=", ".smudge=", ".process=", ".required=false"} {
			off = append(off, "-c", name+setting)
		}
	}
	return off, nil
}

// mayFilter tells whether the repository's configuration may define filters. That of nearly all can't: then a look at its text saves a process.
func (r Repository) mayFilter() bool {
	if os.Getenv("GIT_DIR") != "" || os.Getenv("GIT_COMMON_DIR") != "" {
		return true
	}
	home, found := r.home()
	if !found {
		return false
	}
	info, err := os.Lstat(home)
	if err != nil || !info.IsDir() { // a file that points elsewhere, or a link
		return true
	}
	if there(home, "commondir") {
		return true
	}
	file := filepath.Join(home, "config")
	info, err = os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() {
		return !errors.Is(err, os.ErrNotExist)
	}
	text, err := tree.Outside(file, largestConfig)
	lower := strings.ToLower(string(text))
	return err != nil || slices.ContainsFunc([]string{"filter", "include", "worktreeconfig"}, func(word string) bool { return strings.Contains(lower, word) })
}

// home gives the first .git at the root or above it.
func (r Repository) home() (string, bool) {
	for at := range r.upwards() {
		if there(at, ".git") {
			return filepath.Join(at, ".git"), true
		}
	}
	return "", false
}

// bare gives an error where git would take the root, or a folder between it and .git, for a repository by the files that lie there. Git itself
// refuses that from release 2.38 on.
func (r Repository) bare() error {
	if os.Getenv("GIT_DIR") != "" {
		return nil
	}
	for at := range r.upwards() {
		switch {
		case there(at, ".git"):
			return nil
		case there(at, "HEAD") && there(at, "objects") && there(at, "refs"):
			return fmt.Errorf("%s is a bare repository, not a work tree", at)
		}
	}
	return nil
}

// upwards gives the root and the folders above it, from the inside out.
func (r Repository) upwards() iter.Seq[string] {
	return func(yield func(string) bool) {
		at, err := filepath.Abs(r.root)
		for last := ""; err == nil && at != last && yield(at); last, at = at, filepath.Dir(at) {
		}
	}
}

func there(folder, name string) bool {
	_, err := os.Lstat(filepath.Join(folder, name))
	return err == nil
}
