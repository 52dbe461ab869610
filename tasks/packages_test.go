package tasks_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPackagesPage compares docs/packages.md with the packages as they are. UPDATE=1 writes it anew.
func TestPackagesPage(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-tags=mage", "-f", "{{.ImportPath}}\t{{.Doc}}", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	docs := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, doc, _ := strings.Cut(strings.TrimSpace(line), "\t")
		docs[strings.TrimPrefix(name, module)] = doc
	}
	want := packagesPage(docs)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("../docs/packages.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile("../docs/packages.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), want); diff != "" {
		t.Errorf("docs/packages.md is behind; UPDATE=1 go test ./tasks -run PackagesPage\n%s", diff)
	}
}

// packagesPage draws the bands that the architecture test holds. Arrows to the ground, which everybody stands on, are left out.
func packagesPage(docs map[string]string) string {
	var b strings.Builder
	b.WriteString("# Packages\n\nFrom top to bottom: each package knows its neighbours and what stands lower, and nothing climbs. This page is written from the imports by a test.\n\n```mermaid\nflowchart TD\n")
	ground := len(bands) - 1
	for i, names := range bands[:ground] {
		fmt.Fprintf(&b, "    subgraph b%d [\" \"]\n", i)
		for _, name := range names {
			fmt.Fprintf(&b, "        %s[%s]\n", nodeOf(name), path.Base(name))
		}
		b.WriteString("    end\n")
	}
	for _, names := range bands[:ground] {
		for _, name := range names {
			for _, to := range known[name] {
				if !slices.Contains(bands[ground], to) && !implied(name, to) {
					fmt.Fprintf(&b, "    %s --> %s\n", nodeOf(name), nodeOf(to))
				}
			}
		}
	}
	b.WriteString("```\n\nAn arrow is left out where a longer way leads to the same package, and where it leads to the ground.\n\n| package | what it does |\n| --- | --- |\n")
	for _, names := range bands {
		for _, name := range names {
			_, doc, _ := strings.Cut(docs[name], " "+path.Base(name)+" ")
			if doc != "" {
				fmt.Fprintf(&b, "| `%s` | %s |\n", name, strings.TrimSuffix(doc, "."))
			}
		}
	}
	return b.String()
}

func nodeOf(name string) string { return strings.ReplaceAll(name, "/", "_") }

// implied tells whether another package that one knows leads to the same.
func implied(name, to string) bool {
	return slices.ContainsFunc(known[name], func(between string) bool { return between != to && leads(between, to) })
}

func leads(from, to string) bool {
	return slices.ContainsFunc(known[from], func(next string) bool { return next == to || leads(next, to) })
}
