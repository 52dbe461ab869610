package tasks_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// opening are the ways to a file that know nothing of links out of the repository, of pipes and of sizes.
var opening = regexp.MustCompile(`\b(os\.(ReadFile|Open|OpenFile|Create|DirFS|ReadDir|WriteFile|OpenRoot|OpenInRoot|Readlink)|fs\.ReadFile|filepath\.(Walk|WalkDir)|(maybe|renameio)\.WriteFile)\(`)

// opened are the files that may use them, and why.
var opened = map[string]string{
	"tasks/tree/":                   "it is the one that opens the repository's files",
	"tasks/prerequisite/":           "what tests need, on this machine",
	"tasks/local/launch.go":         "logs of ours in .flowmage",
	"tasks/interpreter/command.go":  "the installer's log in .flowmage",
	"tasks/interpreter/schemas.go":  "a log of ours in .flowmage",
	"tasks/folder/files.go":         "what we wrote to .flowmage ourselves, whose kind and owner are looked at first",
	"tasks/local/entry.go":          "files of ours in .flowmage",
	"tasks/identity/trace_linux.go": "what the kernel tells of this machine and process",
	"tasks/trust/top.go":            "looks where links lead, and opens no file",
	"tasks/watch/watch.go":          "looks at folders, and opens no file",
	"tasks/image/registry.go":       "Docker's own settings in the home folder",
	"tasks/image/buildx.go":         "a folder of ours for the time of a build",
	"tasks/render/template.go":      "the built-in templates, which are part of the program",
	"tasks/render/scale.go":         "the built-in templates, which are part of the program",
	"tasks/pool/template.go":        "the built-in templates, which are part of the program",
	"tasks/testdata/":               "programs of the tests",
	"tasks/deploying/announce.go":   "the file that GitHub's runner names for a summary",
}

// TestFilesAreOpenedInOnePlace holds the rule that files of the repository are read and written by package tree alone.
func TestFilesAreOpenedInOnePlace(t *testing.T) {
	t.Parallel()
	root := os.DirFS("..")
	used := map[string]bool{}
	for _, top := range []string{"tasks", "magefiles"} {
		err := fs.WalkDir(root, top, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(root, name)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(text), "\n") {
				code, _, _ := strings.Cut(line, "//")
				found := opening.FindString(code)
				if found == "" {
					continue
				}
				if why := allowed(name, used); why == "" {
					t.Errorf("%s:%d: %s…) knows nothing of what a repository can do: use package tree, or say in this test why not", name, i+1, found)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range opened {
		if !used[name] && !strings.HasSuffix(name, "/") {
			t.Errorf("%s is excepted and opens nothing", name)
		}
	}
}

func allowed(name string, used map[string]bool) string {
	for at, why := range opened {
		if name == at || strings.HasSuffix(at, "/") && strings.HasPrefix(name, at) {
			used[at] = true
			return why
		}
	}
	return ""
}
