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
	"tasks":                  {},
	"tasks/environ":          {},
	"tasks/fault":            {},
	"tasks/finding":          {},
	"tasks/identity":         {},
	"tasks/mend":             {"tasks/finding"},
	"tasks/misfit":           {},
	"tasks/parameter":        {"tasks/misfit"},
	"tasks/prerequisite":     {},
	"tasks/requirement":      {},
	"tasks/distribution":     {"tasks/requirement"},
	"tasks/dependency":       {"tasks/requirement", "tasks/tree"},
	"tasks/ownprocess":       {},
	"tasks/pattern":          {},
	"tasks/schedule":         {},
	"tasks/secret":           {},
	"tasks/tree":             {},
	"tasks/version":          {},
	"tasks/wait":             {},
	"templates":              {},
	"tasks/canonical":        {"tasks/parameter", "tasks/secret"},
	"tasks/console":          {"tasks/environ", "tasks/fault", "tasks/finding"},
	"tasks/credential":       {"tasks/environ", "tasks/fault"},
	"tasks/document":         {"tasks/finding", "tasks/tree"},
	"tasks/git":              {"tasks/environ", "tasks/secret", "tasks/tree"},
	"tasks/image":            {"tasks/fault", "tasks/finding", "tasks/tree"},
	"tasks/kind":             {"tasks/fault", "tasks/finding"},
	"tasks/ladder":           {"tasks/fault"},
	"tasks/ownership":        {"tasks/fault"},
	"tasks/memory":           {"tasks/tree"},
	"tasks/python":           {"tasks/distribution", "tasks/tree"},
	"tasks/trust":            {"tasks/environ", "tasks/fault", "tasks/tree"},
	"tasks/watch":            {"tasks/fault"},
	"tasks/trace":            {"tasks/distribution", "tasks/python"},
	"tasks/flow":             {"tasks/fault", "tasks/finding", "tasks/memory", "tasks/parameter", "tasks/python", "tasks/trace", "tasks/tree"},
	"tasks/folder":           {"tasks/console", "tasks/fault"},
	"tasks/manifest":         {"tasks/document", "tasks/finding", "tasks/schedule"},
	"tasks/prefect":          {"tasks/credential", "tasks/environ", "tasks/fault", "tasks/secret", "tasks/tree"},
	"tasks/policy":           {"tasks/config", "tasks/document", "tasks/finding", "tasks/setting", "tasks/tree"},
	"tasks/rulebook":         {"tasks/policy", "tasks/check", "tasks/config", "tasks/doctor", "tasks/document", "tasks/draft", "tasks/finding", "tasks/flow", "tasks/image", "tasks/imports", "tasks/live", "tasks/manifest", "tasks/plan", "tasks/pool", "tasks/session", "tasks/verdict"},
	"tasks/verdict":          {"tasks/config", "tasks/finding", "tasks/pattern", "tasks/python", "tasks/setting", "tasks/tree"},
	"tasks/setting":          {"tasks/finding", "tasks/kind", "tasks/schedule", "tasks/secret"},
	"tasks/config":           {"tasks/credential", "tasks/document", "tasks/environ", "tasks/fault", "tasks/finding", "tasks/kind", "tasks/secret", "tasks/setting", "tasks/tree"},
	"tasks/interpreter":      {"tasks/console", "tasks/credential", "tasks/dependency", "tasks/environ", "tasks/fault", "tasks/folder", "tasks/identity", "tasks/secret", "tasks/tree", "templates"},
	"tasks/lock":             {"tasks/fault", "tasks/identity", "tasks/ownership", "tasks/prefect"},
	"tasks/plan/automations": {"tasks/canonical", "tasks/manifest", "tasks/ownership", "tasks/prefect"},
	"tasks/plan/schedules":   {"tasks/canonical", "tasks/manifest", "tasks/prefect", "tasks/secret"},
	"tasks/prefecttest":      {"tasks/prefect"},
	"tasks/schema":           {"tasks/distribution", "tasks/flow", "tasks/parameter", "tasks/python"},
	"tasks/step":             {"tasks/environ", "tasks/fault", "tasks/manifest", "tasks/secret"},
	"tasks/imports":          {"tasks/dependency", "tasks/distribution", "tasks/finding", "tasks/flow", "tasks/python", "tasks/requirement", "tasks/tree"},
	"tasks/check":            {"tasks/config", "tasks/credential", "tasks/document", "tasks/finding", "tasks/flow", "tasks/kind", "tasks/parameter", "tasks/secret", "tasks/setting"},
	"tasks/change":           {"tasks/check", "tasks/config", "tasks/finding", "tasks/flow"},
	"tasks/local":            {"tasks/console", "tasks/credential", "tasks/fault", "tasks/folder", "tasks/identity", "tasks/interpreter", "tasks/kind", "tasks/wait", "templates"},
	"tasks/pool":             {"tasks/config", "tasks/finding", "tasks/misfit", "tasks/setting", "tasks/tree"},
	"tasks/plan":             {"tasks/canonical", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/kind", "tasks/manifest", "tasks/ownership", "tasks/parameter", "tasks/plan/automations", "tasks/plan/schedules", "tasks/pool", "tasks/prefect", "tasks/secret"},
	"tasks/render":           {"tasks/config", "tasks/credential", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/kind", "tasks/pool", "tasks/tree"},
	"tasks/session":          {"tasks/config", "tasks/console", "tasks/credential", "tasks/document", "tasks/environ", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/folder", "tasks/git", "tasks/image", "tasks/kind", "tasks/local", "tasks/memory", "tasks/ownership", "tasks/policy", "tasks/pool", "tasks/prefect", "tasks/secret", "tasks/tree", "tasks/trust", "tasks/verdict", "tasks/version"},
	"tasks/browser":          {"tasks/fault", "tasks/identity", "tasks/interpreter", "tasks/local", "tasks/session"},
	"tasks/plan/printed":     {"tasks/canonical", "tasks/console", "tasks/finding", "tasks/plan"},
	"tasks/report":           {"tasks/console", "tasks/fault", "tasks/finding", "tasks/ladder", "tasks/secret", "tasks/tree"},
	"tasks/receipt":          {"tasks/console", "tasks/fault", "tasks/lock", "tasks/ownership", "tasks/plan", "tasks/prefect"},
	"tasks/register":         {"tasks/console", "tasks/flow", "tasks/prefect", "tasks/session"},
	"tasks/run":              {"tasks/console", "tasks/fault", "tasks/kind", "tasks/ladder", "tasks/ownership", "tasks/plan", "tasks/prefect", "tasks/secret", "tasks/session", "tasks/tree", "tasks/wait"},
	"tasks/tail":             {"tasks/config", "tasks/fault", "tasks/local", "tasks/secret", "tasks/session", "tasks/wait"},
	"tasks/workers":          {"tasks/config", "tasks/fault", "tasks/flow", "tasks/kind", "tasks/local", "tasks/pool", "tasks/prefect", "tasks/session", "tasks/wait"},
	"tasks/live":             {"tasks/canonical", "tasks/console", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/kind", "tasks/ownership", "tasks/plan", "tasks/plan/schedules", "tasks/pool", "tasks/prefect", "tasks/receipt", "tasks/secret", "tasks/wait"},
	"tasks/apply":            {"tasks/canonical", "tasks/fault", "tasks/finding", "tasks/live", "tasks/manifest", "tasks/ownership", "tasks/plan", "tasks/plan/automations", "tasks/plan/schedules", "tasks/pool", "tasks/prefect", "tasks/secret"},
	"tasks/draft":            {"tasks/canonical", "tasks/check", "tasks/config", "tasks/console", "tasks/credential", "tasks/document", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/image", "tasks/interpreter", "tasks/kind", "tasks/live", "tasks/local", "tasks/manifest", "tasks/ownership", "tasks/parameter", "tasks/plan", "tasks/policy", "tasks/pool", "tasks/ownprocess", "tasks/python", "tasks/render", "tasks/schema", "tasks/secret", "tasks/session", "tasks/tree", "tasks/verdict", "templates", "tasks/dependency", "tasks/imports", "tasks/requirement", "tasks/setting"},
	"tasks/build":            {"tasks/console", "tasks/credential", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/image", "tasks/manifest", "tasks/plan", "tasks/prefect", "tasks/render", "tasks/secret", "tasks/session", "tasks/step", "tasks/tree"},
	"tasks/inventory":        {"tasks/check", "tasks/config", "tasks/console", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/image", "tasks/kind", "tasks/session"},
	"tasks/serve":            {"tasks/apply", "tasks/console", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/kind", "tasks/live", "tasks/local", "tasks/manifest", "tasks/ownership", "tasks/plan", "tasks/plan/printed", "tasks/pool", "tasks/prefect", "tasks/session", "tasks/wait", "tasks/watch"},
	"tasks/verify":           {"tasks/config", "tasks/credential", "tasks/draft", "tasks/fault", "tasks/flow", "tasks/image", "tasks/kind", "tasks/ladder", "tasks/plan", "tasks/pool", "tasks/prefect", "tasks/receipt", "tasks/secret", "tasks/session", "tasks/wait"},
	"tasks/deploying":        {"tasks/apply", "tasks/build", "tasks/check", "tasks/config", "tasks/console", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/identity", "tasks/kind", "tasks/ladder", "tasks/live", "tasks/lock", "tasks/manifest", "tasks/ownership", "tasks/plan", "tasks/plan/printed", "tasks/plan/schedules", "tasks/prefect", "tasks/receipt", "tasks/session", "tasks/tree"},
	"tasks/doctor":           {"tasks/config", "tasks/credential", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/image", "tasks/kind", "tasks/ladder", "tasks/local", "tasks/lock", "tasks/ownership", "tasks/plan", "tasks/pool", "tasks/prefect", "tasks/run", "tasks/secret", "tasks/session", "tasks/tree", "tasks/verify", "tasks/version"},
	"magefiles/command":      {"tasks/browser", "tasks/build", "tasks/check", "tasks/config", "tasks/console", "tasks/deploying", "tasks/doctor", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/flow", "tasks/image", "tasks/inventory", "tasks/ladder", "tasks/local", "tasks/lock", "tasks/plan", "tasks/plan/printed", "tasks/pool", "tasks/prefect", "tasks/receipt", "tasks/register", "tasks/render", "tasks/rulebook", "tasks/run", "tasks/secret", "tasks/serve", "tasks/session", "tasks/tail", "tasks/tree", "tasks/verify", "tasks/version", "tasks/workers", "templates", "tasks/change", "tasks/git", "tasks/report", "tasks/watch", "tasks/mend", "tasks/policy"},
	"magefiles/targets":      {"magefiles/command", "tasks/console", "tasks/deploying", "tasks/draft", "tasks/fault", "tasks/finding", "tasks/inventory", "tasks/kind", "tasks/ownprocess", "tasks/rulebook", "tasks/run", "tasks/serve", "tasks/session", "tasks/tail", "tasks/trust", "tasks/workers"},
	"magefiles":              {"magefiles/targets"},
}

// bands are the packages from top to bottom. What stands in one band may know its neighbours, where known allows it, and whatever stands lower;
// nothing climbs.
var bands = [][]string{
	{"magefiles"},
	{"magefiles/targets"},
	{"magefiles/command"},
	{"tasks/deploying", "tasks/run", "tasks/serve", "tasks/verify", "tasks/doctor", "tasks/build", "tasks/workers", "tasks/inventory", "tasks/register", "tasks/tail", "tasks/browser", "tasks/rulebook"},
	{"tasks/draft"},
	{"tasks/session"},
	{"tasks/apply", "tasks/live", "tasks/receipt", "tasks/lock", "tasks/plan/printed", "tasks/report"},
	{"tasks/plan"},
	{"tasks/plan/schedules", "tasks/plan/automations", "tasks/canonical", "tasks/ownership"},
	{"tasks/check", "tasks/verdict", "tasks/render", "tasks/pool", "tasks/step", "tasks/change", "tasks/imports", "tasks/policy"},
	{"tasks/config", "tasks/setting", "tasks/manifest", "tasks/flow", "tasks/trace", "tasks/schema", "tasks/parameter", "tasks/python"},
	{"tasks/prefect", "tasks/image", "tasks/local", "tasks/interpreter", "tasks/folder", "tasks/prefecttest"},
	{
		"tasks/fault", "tasks/finding", "tasks/kind", "tasks/secret", "tasks/document", "tasks/console", "tasks/environ", "tasks/git", "tasks/identity", "tasks/schedule", "tasks/watch", "tasks/tree", "tasks/memory", "tasks/trust",
		"tasks/credential", "tasks/requirement", "tasks/distribution", "tasks/dependency", "tasks/version", "tasks/wait", "tasks/ladder", "tasks/prerequisite", "tasks/mend", "tasks/misfit", "tasks/ownprocess", "tasks/pattern", "templates", "tasks",
	},
}

// everybodys is what each package may import: it knows nothing of what the program is for.
const everybodys = "tasks/pattern"

// only names the packages that a library is for; elsewhere it must not appear.
var only = map[string][]string{
	"github.com/knadh/koanf":         {"tasks/config"},
	"github.com/bitfield/script":     {"tasks/git"},
	"github.com/magefile/mage":       {"magefiles/targets"},
	"cel.dev":                        {"tasks/policy"},
	"github.com/docker":              {"tasks/image"},
	"github.com/moby":                {"tasks/image"},
	"github.com/teambition":          {"tasks/schedule"},
	"github.com/aymanbagabas":        {"tasks/mend"},
	"github.com/fsnotify":            {"tasks/watch"},
	"github.com/coder/websocket":     {"tasks/prefect"},
	"github.com/santhosh-tekuri":     {"tasks/misfit"},
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
		for _, other := range allowed {
			if !slices.Contains(p.Imports, module+other) {
				t.Errorf("%s may import %s and does not", name, other)
			}
		}
		for _, i := range p.Imports {
			if own, ok := strings.CutPrefix(i, module); ok && own != everybodys && !slices.Contains(allowed, own) {
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
	for name := range band {
		if _, there := known[name]; !there {
			t.Errorf("%s stands in a band and nowhere else", name)
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
