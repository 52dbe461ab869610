package tasks_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/doctor"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/imports"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

// ruled is a package with rules, and the heading over them on docs/rules.md.
type ruled struct {
	name, title string
	rules       finding.Catalogue
}

func allRules() []ruled {
	return []ruled{
		{"tasks/flow", "Python files and flows", flow.Rules()},
		{"tasks/document", "Settings and manifests", document.Rules()},
		{"tasks/config", "Settings", config.Rules()},
		{"tasks/manifest", "Manifests", manifest.Rules()},
		{"tasks/check", "Flows and settings together", check.Rules()},
		{"tasks/imports", "Imports and requirements", imports.Rules()},
		{"tasks/pool", "Templates of work pools", pool.Rules()},
		{"tasks/image", "Images", image.Rules()},
		{"tasks/session", "Secrets and strangers", session.Rules()},
		{"tasks/draft", "What a deploy makes of flows and settings", draft.Rules()},
		{"tasks/plan", "What the server says of a deploy", plan.Rules()},
		{"tasks/live", "What deployments refer to", live.Rules()},
		{"tasks/doctor", "mage env:doctor", doctor.Rules()},
	}
}

// TestRulesPage compares docs/rules.md with the rules of all packages. UPDATE=1 writes it anew.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	want := page(allRules())
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("../docs/rules.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	if d := diff.Diff(string(have), want); d != "" {
		t.Errorf("docs/rules.md is behind; UPDATE=1 go test ./tasks -run RulesPage\n%s", d)
	}
}

const intro = `# What can be found

Each finding has a code, a place, what is wrong, why it matters and what to do. An error stands in the way of the deployments it is about, a warning works but probably not as
meant, a note is worth knowing. This page is written from the rules in the code (` + "`Rules()`" + ` of each package) by a test.
`

func page(all []ruled) string {
	var b, renamed strings.Builder
	b.WriteString(intro)
	told := map[string]bool{}
	for _, p := range all {
		fmt.Fprintf(&b, "\n## %s\n\n| code | severity | what is wrong | why it matters |\n| --- | --- | --- | --- |\n", p.title)
		for _, code := range slices.Sorted(maps.Keys(p.rules)) {
			r := p.rules[code]
			if told[code] {
				continue
			}
			told[code] = true
			severity := r.Severity.String()
			if r.Unless != "" {
				severity += "; " + r.Unless
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", code, severity, r.Means, r.Why)
			if r.Formerly != "" {
				fmt.Fprintf(&renamed, "| `%s` | `%s` |\n", r.Formerly, code)
			}
		}
	}
	rows := strings.SplitAfter(strings.TrimSpace(renamed.String()), "\n")
	rows[len(rows)-1] += "\n"
	slices.SortFunc(rows, cmp.Compare[string])
	return b.String() + "\n## Former codes\n\nA code says first what is wrong, then how. Before it was the other way round in some:\n\n| then | now |\n| --- | --- |\n" + strings.Join(rows, "")
}

// TestRules holds the rules to their form: nothing is said twice, and a code says first what is wrong.
func TestRules(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	how := regexp.MustCompile(`^(missing|unknown|duplicate|unsupported|misplaced|unreadable|illegal|invalid|wrong|bad|broken|stray|stale|late|idle|foreign|claimed|single|left|out|no|unset)-`)
	known := map[string]finding.Rule{}
	for _, p := range allRules() {
		for code, r := range p.rules {
			if other, there := known[code]; there && other != r {
				t.Errorf("%s has another rule in %s: give it one, in tasks/document or tasks/finding", code, p.name)
			}
			known[code] = r
			if !form.MatchString(code) || how.MatchString(code) {
				t.Errorf("%s says first how something is wrong: turn the words round, as in path-missing", code)
			}
			if r.Means == "" || strings.ContainsAny(r.Means+r.Why+r.Unless, "|\n") {
				t.Errorf("%s must say in a line what is wrong", code)
			}
		}
	}
	if len(known) < 120 {
		t.Errorf("only %d rules", len(known))
	}
}
