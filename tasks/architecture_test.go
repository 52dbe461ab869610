// Package tasks_test holds the packages to the architecture: who may know whom.
package tasks_test

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/flowmage/flowmage/"

// known lists which packages of this module each one may import. Data flows down the list; nothing looks back up.
var known = map[string][]string{
	"templates":          {},
	"tasks/fault":        {},
	"tasks/finding":      {},
	"tasks/secret":       {},
	"tasks/git":          {"tasks/secret", "tasks/tree"},
	"tasks/trust":        {"tasks/fault", "tasks/tree"},
	"tasks/identity":     {},
	"tasks/tree":         {},
	"tasks/python":       {"tasks/tree"},
	"tasks/schedule":     {},
	"tasks/prerequisite": {},
	"tasks/version":      {},
	"tasks/console":      {"tasks/fault", "tasks/finding"},
	"tasks/document":     {"tasks/finding"},
	"tasks/credential":   {"tasks/fault"},
	"tasks/prefect":      {"tasks/credential", "tasks/fault", "tasks/secret", "tasks/tree"},
	"tasks/flow":         {"tasks/fault", "tasks/finding", "tasks/python", "tasks/tree"},
	"tasks/schema":       {"tasks/python"},
	"tasks/config":       {"tasks/credential", "tasks/document", "tasks/fault", "tasks/finding", "tasks/schedule", "tasks/secret", "tasks/tree"},
	"tasks/manifest":     {"tasks/document", "tasks/finding", "tasks/schedule"},
	"tasks/render":       {"tasks/config", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/manifest", "tasks/tree"},
	"tasks/pool":         {"tasks/config", "tasks/finding", "tasks/tree"},
	"tasks/check":        {"tasks/config", "tasks/document", "tasks/finding", "tasks/flow", "tasks/python", "tasks/schema", "tasks/secret"},
	"tasks/deploy": {
		"tasks/console", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/manifest", "tasks/pool", "tasks/prefect", "tasks/schema", "tasks/secret",
	},
	"tasks/image":  {"tasks/fault", "tasks/finding", "tasks/tree"},
	"tasks/step":   {"tasks/fault", "tasks/manifest", "tasks/secret"},
	"tasks/verify": {"tasks/deploy", "tasks/fault", "tasks/finding", "tasks/prefect", "tasks/secret"},
	"tasks/session": {
		"tasks/config", "tasks/console", "tasks/credential", "tasks/deploy", "tasks/document", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/git", "tasks/image",
		"tasks/local", "tasks/prefect", "tasks/secret", "tasks/tree", "tasks/trust", "tasks/version",
	},
	"tasks/watch": {"tasks/fault"},
	"tasks/local": {"tasks/console", "tasks/credential", "tasks/fault", "tasks/identity", "tasks/secret", "tasks/tree", "templates"},
	"magefiles/command": {
		"tasks/check", "tasks/config", "tasks/console", "tasks/credential", "tasks/deploy", "tasks/document", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/git", "tasks/identity", "tasks/image",
		"tasks/local", "tasks/manifest", "tasks/pool", "tasks/prefect", "tasks/python", "tasks/render", "tasks/schema", "tasks/secret", "tasks/step", "tasks/tree", "tasks/trust", "tasks/verify", "tasks/version", "tasks/watch", "templates",
	},
	"magefiles/benchmark": {"tasks/flow", "tasks/image", "tasks/prefect", "tasks/prerequisite", "tasks/python", "tasks/schema", "tasks/tree"},
	"magefiles/targets":   {"magefiles/command", "tasks/console", "tasks/fault", "tasks/finding", "tasks/trust"},
	"tasks":               {},
}

// only names the packages that a library is for; elsewhere it must not appear.
var only = map[string][]string{
	"github.com/knadh/koanf":         {"tasks/config"},
	"github.com/bitfield/script":     {"tasks/git"},
	"github.com/magefile/mage":       {"magefiles/targets"},
	"github.com/docker":              {"tasks/image"},
	"github.com/moby":                {"tasks/image"},
	"github.com/teambition":          {"tasks/schedule"},
	"github.com/fsnotify":            {"tasks/watch"},
	"github.com/coder/websocket":     {"tasks/prefect"},
	"github.com/google/go-cmp":       {},
	"github.com/google/licensecheck": {},
	"github.com/chromedp":            {},
}

func TestArchitecture(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, listed := known[name]
		if !listed {
			t.Errorf("%s is not in the list; where does it belong?", name)
		}
		for _, i := range p.Imports {
			if own, ok := strings.CutPrefix(i, module); ok && !slices.Contains(allowed, own) {
				t.Errorf("%s must not import %s", name, own)
			}
			for library, users := range only {
				if strings.HasPrefix(i, library) && !slices.Contains(users, name) {
					t.Errorf("%s must not import %s", name, i)
				}
			}
		}
	}
}
