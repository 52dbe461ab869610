package imports_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/imports"
)

// judged scans a tree and gives what is found, as text.
func judged(t *testing.T, root fstest.MapFS, places []imports.Place) finding.List {
	t.Helper()
	scanned, err := flow.Scan(t.Context(), root, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range places {
		for _, f := range scanned.Flows {
			if len(places[i].Flows) == 0 || slices.Contains(places[i].Flows, f.Entrypoint) {
				places[i].Flows = append(places[i].Flows, f.Entrypoint)
			}
		}
	}
	return imports.Judge(imports.Asked{Root: root, Library: scanned.Library, Flows: scanned.Flows, Places: places}).Sorted()
}

// TestJudge goes through testdata/*.txtar: a repository, and what is found in it in the file "found". UPDATE=1 writes that anew. The first line of the comment may
// name a place: exact FILE… PYTHON, or image PYTHON.
func TestJudge(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			root, want := fstest.MapFS{}, ""
			for _, f := range archive.Files {
				if f.Name == "found" {
					want = string(f.Data)
				} else {
					root[f.Name] = &fstest.MapFile{Data: f.Data}
				}
			}
			var got strings.Builder
			for _, x := range judged(t, root, placesOf(string(archive.Comment))) {
				fmt.Fprintf(&got, "%s\n    scope: %v %s\n", x, x.Scope.Extent, x.Scope.Name)
			}
			if os.Getenv("UPDATE") != "" {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "found" })
				archive.Files = append(archive.Files, txtar.File{Name: "found", Data: []byte(got.String())})
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// placesOf reads lines such as "place: the image of a; exact; requirements.txt; python 3.12; pydantic==2.14".
func placesOf(comment string) []imports.Place {
	var out []imports.Place
	for line := range strings.Lines(comment) {
		text, is := strings.CutPrefix(strings.TrimSpace(line), "place: ")
		if !is {
			continue
		}
		parts := strings.Split(text, "; ")
		p := imports.Place{Name: parts[0], Platform: "linux"}
		for _, part := range parts[1:] {
			python, versioned := strings.CutPrefix(part, "python ")
			name, version, pinned := strings.Cut(part, "==")
			switch {
			case part == "exact":
				p.Exact = true
			case versioned:
				p.Python = python
			case pinned:
				p.Pins = append(p.Pins, imports.Pin{Name: name, Version: version})
			default:
				p.Files = append(p.Files, part)
			}
		}
		out = append(out, p)
	}
	return out
}
