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

// known lists which packages of this module each one may import.
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
		"tasks/wait",
	},
	"tasks/image":       {"tasks/fault", "tasks/finding", "tasks/tree"},
	"tasks/step":        {"tasks/fault", "tasks/manifest", "tasks/secret"},
	"tasks/watch":       {"tasks/fault"},
	"tasks/local":       {"tasks/console", "tasks/credential", "tasks/fault", "tasks/identity", "tasks/secret", "tasks/tree", "templates"},
	"tasks/wait":        {},
	"tasks/ladder":      {"tasks/fault"},
	"tasks/prefecttest": {"tasks/prefect"},
	"tasks/session": {
		"tasks/config", "tasks/console", "tasks/credential", "tasks/deploy", "tasks/document", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/git",
		"tasks/image", "tasks/local", "tasks/prefect", "tasks/secret", "tasks/tree", "tasks/trust", "tasks/version",
	},
	"tasks/draft": {
		"tasks/check", "tasks/config", "tasks/console", "tasks/deploy", "tasks/document", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/image",
		"tasks/local", "tasks/manifest", "tasks/pool", "tasks/render", "tasks/schema", "tasks/secret", "tasks/session", "tasks/tree", "templates",
	},
	"tasks/build": {
		"tasks/console", "tasks/credential", "tasks/deploy", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/image", "tasks/manifest", "tasks/prefect",
		"tasks/render", "tasks/secret", "tasks/session", "tasks/step", "tasks/tree",
	},
	"tasks/deploying": {
		"tasks/build", "tasks/check", "tasks/config", "tasks/console", "tasks/deploy", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/flow",
		"tasks/identity", "tasks/ladder", "tasks/prefect", "tasks/session", "tasks/tree",
	},
	"tasks/run": {
		"tasks/console", "tasks/deploy", "tasks/fault", "tasks/ladder", "tasks/prefect", "tasks/schema", "tasks/secret", "tasks/session", "tasks/tree",
		"tasks/wait",
	},
	"tasks/serve": {
		"tasks/console", "tasks/deploy", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/local", "tasks/manifest", "tasks/prefect", "tasks/session",
		"tasks/wait", "tasks/watch",
	},
	"tasks/workers": {"tasks/config", "tasks/fault", "tasks/flow", "tasks/local", "tasks/prefect", "tasks/session", "tasks/wait"},
	"tasks/verify": {
		"tasks/config", "tasks/deploy", "tasks/draft", "tasks/fault", "tasks/flow", "tasks/image", "tasks/ladder", "tasks/prefect", "tasks/secret",
		"tasks/session", "tasks/wait",
	},
	"tasks/doctor": {
		"tasks/config", "tasks/credential", "tasks/deploy", "tasks/deploying", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/image", "tasks/ladder",
		"tasks/local", "tasks/prefect", "tasks/run", "tasks/secret", "tasks/session", "tasks/tree", "tasks/verify", "tasks/version",
	},
	"tasks/inventory": {
		"tasks/check", "tasks/config", "tasks/console", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/image", "tasks/python",
		"tasks/schema", "tasks/session",
	},
	"tasks/register": {"tasks/console", "tasks/flow", "tasks/prefect", "tasks/session"},
	"tasks/tail":     {"tasks/config", "tasks/fault", "tasks/local", "tasks/secret", "tasks/session", "tasks/wait"},
	"tasks/browser":  {"tasks/fault", "tasks/local", "tasks/session"},
	"tasks/shell":    {"tasks/local"},
	"magefiles/command": {
		"tasks/browser", "tasks/build", "tasks/check", "tasks/config", "tasks/console", "tasks/deploy", "tasks/deploying", "tasks/doctor", "tasks/draft",
		"tasks/fault", "tasks/finding", "tasks/flow", "tasks/image", "tasks/inventory", "tasks/ladder", "tasks/local", "tasks/prefect", "tasks/register",
		"tasks/render", "tasks/run", "tasks/secret", "tasks/serve", "tasks/session", "tasks/shell", "tasks/tail", "tasks/tree", "tasks/verify",
		"tasks/version", "tasks/workers", "templates",
	},
	"magefiles/benchmark": {"tasks/flow", "tasks/image", "tasks/prefect", "tasks/prerequisite", "tasks/python", "tasks/schema", "tasks/tree"},
	"magefiles/targets": {
		"magefiles/command", "tasks/console", "tasks/deploying", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/inventory", "tasks/run", "tasks/serve",
		"tasks/session", "tasks/tail", "tasks/trust", "tasks/workers",
	},
	"magefiles": {"magefiles/targets"},
	"tasks":     {},
}

// bands are the packages from top to bottom. What stands in one band may know its neighbours, where known allows it, and whatever stands lower;
// nothing climbs.
var bands = [][]string{
	{"magefiles", "magefiles/benchmark"},
	{"magefiles/targets"},
	{"magefiles/command"},
	{"tasks/deploying", "tasks/run", "tasks/serve", "tasks/verify", "tasks/doctor", "tasks/build", "tasks/workers", "tasks/inventory", "tasks/register", "tasks/tail", "tasks/browser", "tasks/shell"},
	{"tasks/draft"},
	{"tasks/session"},
	{"tasks/deploy"},
	{"tasks/check", "tasks/render", "tasks/pool", "tasks/step"},
	{"tasks/config", "tasks/manifest", "tasks/flow", "tasks/schema", "tasks/python"},
	{"tasks/prefect", "tasks/image", "tasks/local", "tasks/prefecttest"},
	{
		"tasks/fault", "tasks/finding", "tasks/secret", "tasks/document", "tasks/console", "tasks/git", "tasks/identity", "tasks/schedule", "tasks/watch", "tasks/tree", "tasks/trust",
		"tasks/credential", "tasks/version", "tasks/wait", "tasks/ladder", "tasks/prerequisite", "templates", "tasks",
	},
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
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags=mage", "-json=ImportPath,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		seen[name] = true
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
	for name := range known {
		if !seen[name] {
			t.Errorf("%s is in the list and nowhere else", name)
		}
	}
}

// Whatever the list allows goes down, or to a neighbour.
func TestNothingClimbs(t *testing.T) {
	t.Parallel()
	band := map[string]int{}
	for i, names := range bands {
		for _, name := range names {
			if _, twice := band[name]; twice {
				t.Errorf("%s stands in two bands", name)
			}
			band[name] = i
		}
	}
	for name, allowed := range known {
		if _, stands := band[name]; !stands {
			t.Errorf("%s stands in no band", name)
		}
		for _, other := range allowed {
			if band[other] < band[name] {
				t.Errorf("%s looks up to %s", name, other)
			}
		}
	}
}
