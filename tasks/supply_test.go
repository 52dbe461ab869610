package tasks_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// action is a step of a GitHub workflow that runs somebody's program.
var action = regexp.MustCompile(`(?m)\buses:\s*["']?([\w.-]+/[\w./-]+)@(\S+?)["']?(\s.*)?$`)

// pinned is an action by its commit, with the release beside it for people and for Dependabot.
var pinned = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Workflows, our own and those that the docs and templates show, name actions by commit: a tag can be moved.
func TestActionsByDigest(t *testing.T) {
	t.Parallel()
	found := 0
	for file, text := range texts(t, "../.github", "../docs", "../templates", "../README.md", "../SECURITY.md", "../CONTRIBUTING.md") {
		for _, m := range action.FindAllStringSubmatch(text, -1) {
			found++
			if !pinned.MatchString(m[2]) || !regexp.MustCompile(`# v\d+\.\d+\.\d+`).MatchString(m[3]) {
				t.Errorf("%s: write %s@COMMIT # vRELEASE, not @%s", file, m[1], m[2])
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d actions were looked at", found)
	}
}

// lockFile is a lock among the words of a command.
var lockFile = regexp.MustCompile(`\.lock\b|lock\.txt|\$lock`)

// Whoever runs pip or uv on a lock requires its hashes, and nobody switches Go's checksum database off.
func TestHashesAreRequired(t *testing.T) {
	t.Parallel()
	locks := 0
	for file, text := range texts(t, "../.ci", "../.github", "../templates", "../core", "../docs", "../Makefile") {
		for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
			installs := strings.Contains(line, "pip install") || strings.Contains(line, "pip sync") || strings.Contains(line, "pip download")
			if installs && lockFile.MatchString(line) && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				locks++
				if !strings.Contains(line, "--require-hashes") {
					t.Errorf("%s: %s", file, line)
				}
			}
			for _, off := range []string{"GONOSUMDB", "GONOSUMCHECK", "GOFLAGS=-insecure", "GOINSECURE", "GOSUMDB=off", "GOPRIVATE"} {
				if strings.Contains(line, off) && !strings.Contains(file, "docs") {
					t.Errorf("%s touches Go's checksum database: %s", file, line)
				}
			}
		}
	}
	if locks < 6 {
		t.Errorf("only %d installations of a lock were looked at", locks)
	}
}

// texts gives the text files below some paths.
func texts(t *testing.T, roots ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err == nil && !strings.Contains(string(data), "\x00") {
				out[filepath.ToSlash(path)] = string(data)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
