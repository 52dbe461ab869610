package tasks_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/rulebook"
)

// TestRulesPage compares docs/rules.md with the rules of all packages. UPDATE=1 writes it anew.
func TestRulesPage(t *testing.T) {
	t.Parallel()
	want := page(rulebook.Sections())
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
meant, a note is worth knowing. ` + "`mage verify:rules CODE`" + ` explains a rule with the examples that stand [below](#examples).

The settings can give a rule another severity or switch it off, and a comment can have a single finding ignored: [how](verify.md#severities). Where the table says *stays*, an error
stays one whatever they say, because what it tells of would not work. What a rule looks at is its source (the Python files, and what git says of them), settings, a manifest,
images (Dockerfiles, what they copy, Docker), the server, or the machine. This page is written from the rules in the code by a test, and the examples are tests too.
`

func page(all []rulebook.Section) string {
	var b, renamed strings.Builder
	b.WriteString(intro)
	told := finding.Catalogue{}
	for _, p := range all {
		fmt.Fprintf(&b, "\n## %s\n\n| code | severity | looks at | what is wrong | why it matters |\n| --- | --- | --- | --- | --- |\n", p.Title)
		for _, code := range slices.Sorted(maps.Keys(p.Rules)) {
			r := p.Rules[code]
			if _, before := told[code]; before {
				continue
			}
			told[code] = r
			severity, name := r.Severity.String(), "`"+code+"`"
			if r.Firm && r.Severity == finding.Error {
				severity += ", stays"
			}
			if r.Unless != "" {
				severity += "; " + r.Unless
			}
			if _, has := rulebook.ExampleOf(code); has {
				name = "[" + name + "](#" + code + ")"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", name, severity, r.Needs, r.Means, r.Why)
			if r.Formerly != "" {
				fmt.Fprintf(&renamed, "| `%s` | `%s` |\n", r.Formerly, code)
			}
		}
	}
	rows := strings.SplitAfter(strings.TrimSpace(renamed.String()), "\n")
	rows[len(rows)-1] += "\n"
	slices.SortFunc(rows, cmp.Compare[string])
	b.WriteString("\n## Former codes\n\nA code says first what is wrong, then how. Before it was the other way round in some:\n\n| then | now |\n| --- | --- |\n" + strings.Join(rows, ""))
	return b.String() + exampleLines(rulebook.List(told))
}

// exampleLines shows what is wrong and how it is right.
func exampleLines(list []rulebook.Listed) string {
	var b strings.Builder
	b.WriteString("\n## Examples\n\nThe files lie in a repository with nothing else wrong. What can only be shown with a server, Docker or another machine has none.\n")
	for _, l := range list {
		if len(l.Bad) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\nWrong: %s. `%s` finds it at `%s`.\n%s\nRight:\n%s", l.Code, l.Means, l.Command(), l.At, fenced(l.Bad), fenced(l.Good))
	}
	return b.String()
}

func fenced(files []rulebook.File) string {
	var b strings.Builder
	for _, f := range files {
		text, kind := f.Text, strings.TrimPrefix(path.Ext(f.Name), ".")
		if text == "" {
			text = "# empty\n"
		}
		fmt.Fprintf(&b, "\n`%s`\n\n```%s\n%s```\n", f.Name, map[string]string{"py": "python", "yaml": "yaml", "yml": "yaml", "json": "json"}[kind], text)
	}
	return b.String()
}

// TestRules holds the rules to their form: nothing is said twice, and a code says first what is wrong.
func TestRules(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	how := regexp.MustCompile(`^(missing|unknown|duplicate|unsupported|misplaced|unreadable|illegal|invalid|wrong|bad|broken|stray|stale|late|idle|foreign|claimed|single|left|out|no|unset)-`)
	known := map[string]finding.Rule{}
	for _, p := range rulebook.Sections() {
		for code, r := range p.Rules {
			if other, there := known[code]; there && other != r {
				t.Errorf("%s has another rule in %s: give it one, in tasks/document or tasks/finding", code, p.Package)
			}
			known[code] = r
			if !form.MatchString(code) || how.MatchString(code) {
				t.Errorf("%s says first how something is wrong: turn the words round, as in path-missing", code)
			}
			if r.Needs == 0 {
				t.Errorf("%s does not say what it looks at", code)
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
