package targets

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/kind"
)

// TestReference compares docs/targets.md with what the sources and the Makefile say. UPDATE=1 writes it anew.
func TestReference(t *testing.T) {
	t.Parallel()
	known, err := signatures(sources)
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	got := reference(known, makeNames(string(makefile)))
	page := filepath.Join("..", "..", "docs", "targets.md")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/targets.md is behind; UPDATE=1 go test ./magefiles/targets -run Reference\n%s", diff)
	}
}

// rule finds a target of the Makefile that delegates, and where to.
var rule = regexp.MustCompile(`(?m)^(\$\([^)]*\)|[a-z-]+):[^\n]*\$\(mage\) ([a-z]+(?::[a-z]+)?)`)

// makeNames gives the make targets by the Mage target that they lead to.
func makeNames(makefile string) map[string][]string {
	out := map[string][]string{}
	for _, m := range rule.FindAllStringSubmatch(makefile, -1) {
		name := strings.NewReplacer("$(environments:%=", "", "%)", "ENV").Replace(m[1])
		out[m[2]] = append(out[m[2]], "`make "+name+"`")
	}
	return out
}

func reference(known map[string]signature, makes map[string][]string) string {
	var b strings.Builder
	b.WriteString("# Targets\n\nGenerated from the sources. `mage -h TARGET` shows the same in the terminal. Flags stand behind the target and its words, " +
		"each once, as\n`-name=value`.\n\nUnder make, `ENV=`, `ONLY=`, `FLOW=`, `PARAMS=` and `YES=1` on make's own line become flags; variables of the " +
		"process environment don't count.\nValues arrive as they are typed, `$` included. FLOW and ONLY mean the same. A variable that a target does not take, or an " +
		"empty one, is an\nerror, and nothing runs.\n\nEach target takes `-" + stance.name + "`: " + stance.doc + " ([when](security.md#repositories-of-strangers)).\n")
	for _, name := range slices.Sorted(maps.Keys(known)) {
		s := known[name]
		fmt.Fprintf(&b, "\n## %s\n\n", s.name)
		words := []string{"mage", s.name}
		for _, p := range s.positional {
			words = append(words, strings.ToUpper(p))
		}
		fmt.Fprintf(&b, "`%s`", strings.Join(words, " "))
		for _, m := range makes[s.name] {
			b.WriteString(", " + m)
		}
		fmt.Fprintf(&b, "\n\n%s\n", upperFirst(s.doc))
		own := slices.DeleteFunc(slices.Clone(s.flags), func(f flagWord) bool { return f.name == stance.name })
		if len(own) == 0 {
			continue
		}
		b.WriteString("\n| flag | value | meaning |\n| --- | --- | --- |\n")
		for _, f := range own {
			fmt.Fprintf(&b, "| `-%s` | %s | %s |\n", f.name, valueName(f.kind), f.doc)
		}
	}
	return b.String()
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func valueName(kind string) string {
	switch kind {
	case "bool":
		return "none, or true or false"
	case "int":
		return "whole number"
	case "time.Duration":
		return "time such as 90s or 10m"
	default:
		return "text"
	}
}

var link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// Every link between the pages leads somewhere.
func TestLinks(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
	if len(pages) < 10 {
		t.Errorf("only %d pages", len(pages))
	}
}

// Each flag for a kind of deployment tells all of them, and each kind has a command of its own.
func TestKindsAreOffered(t *testing.T) {
	t.Parallel()
	known, err := signatures(sources)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kind.Words() {
		for name, s := range known {
			if f := s.flag("kind"); f != nil && !strings.Contains(f.doc, k) {
				t.Errorf("-kind of %s does not tell of %s: %s", name, k, f.doc)
			}
		}
		one, many := known["deploy:"+k].name, known["deploy:"+k+"s"].name
		if one == "" && many == "" {
			t.Errorf("there is no deploy:%s", k)
		}
	}
}
