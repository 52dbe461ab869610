package tasks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// topic is a line of .ci/topics: what `make soak` keeps the log of.
type topic struct {
	name    string
	on      []string // packages, or a script and its arguments
	pattern string   // of tests or benchmarks
}

func topics(t *testing.T) []topic {
	t.Helper()
	text, err := os.ReadFile("../.ci/topics")
	if err != nil {
		t.Fatal(err)
	}
	var out []topic
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		columns := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 3)
		if len(columns) != 3 {
			t.Errorf(".ci/topics: not three columns: %s", line)
			continue
		}
		out = append(out, topic{strings.TrimSpace(columns[0]), strings.Fields(columns[1]), strings.TrimSpace(columns[2])})
	}
	return out
}

// tried are the names of tests and benchmarks in a pattern.
var tried = regexp.MustCompile(`\b(?:Test|Benchmark)\w+`)

// A topic runs what is there: each test and benchmark that it names is in one of its packages, and each package has one of them.
func TestTopicsHaveTests(t *testing.T) {
	t.Parallel()
	for _, topic := range topics(t) {
		if script := topic.on[0]; strings.HasPrefix(script, ".ci/") {
			if info, err := os.Stat(filepath.Join("..", script)); err != nil || info.Mode()&0o100 == 0 || topic.pattern != "" {
				t.Errorf("%s: %s is no script that can be run by itself: %v", topic.name, script, err)
			}
			continue
		}
		names := tried.FindAllString(topic.pattern, -1)
		if len(names) == 0 {
			t.Errorf("%s names no test", topic.name)
		}
		found := map[string]bool{}
		for _, folder := range topic.on {
			before := len(found)
			for _, name := range names {
				if defines(t, folder, name) {
					found[name], found[folder] = true, true
				}
			}
			if len(found) == before && !found[folder] {
				t.Errorf("%s: none of its tests is in %s", topic.name, folder)
			}
		}
		for _, name := range names {
			if !found[name] {
				t.Errorf("%s: %s is in none of %v", topic.name, name, topic.on)
			}
		}
	}
}

func defines(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", folder, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}

// made is how evidence begins: the commit, the day and the machine.
var made = regexp.MustCompile(`\Acommit ([0-9a-f]{7,40}), .*20\d\d-\d\d-\d\d, \w+ \w+, \d+ cores.*, go1\.`)

// All evidence is made by a topic, says where and at which commit, and has a row on its page.
func TestEvidenceHasTopics(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/evidence/README.md")
	if err != nil {
		t.Fatal(err)
	}
	// A clone may have only the end of the history.
	shallow, err := exec.CommandContext(t.Context(), "git", "rev-parse", "--is-shallow-repository").Output()
	all := err == nil && strings.TrimSpace(string(shallow)) == "false"
	known := map[string]bool{}
	for _, topic := range topics(t) {
		known[topic.name] = true
		text, err := os.ReadFile(filepath.Join("..", "docs", "evidence", topic.name+".txt"))
		if err != nil {
			t.Error(err)
			continue
		}
		head := made.FindStringSubmatch(string(text))
		if head == nil && !lost[topic.name] {
			t.Errorf("%s.txt does not begin with its commit, day and machine", topic.name)
		}
		if all && (head != nil && inHistory(t, head[1])) == lost[topic.name] {
			t.Errorf("%s.txt is of a commit in the history: %t; make soak TOPIC=%[1]s makes it anew", topic.name, lost[topic.name])
		}
		if !strings.Contains(string(page), "| ["+topic.name+".txt]("+topic.name+".txt) |") {
			t.Errorf("%s.txt has no row in docs/evidence/README.md", topic.name)
		}
	}
	files, err := filepath.Glob("../docs/evidence/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".txt"); !known[name] {
			t.Errorf("%s is the log of no topic of .ci/topics", file)
		}
	}
}

// lost is evidence of commits that a rebase has left behind: `make soak` makes it anew, and a line goes from here.
var lost = map[string]bool{"containers": true, "python-reader": true}

func inHistory(t *testing.T, commit string) bool {
	t.Helper()
	return exec.CommandContext(t.Context(), "git", "merge-base", "--is-ancestor", commit, "HEAD").Run() == nil
}
