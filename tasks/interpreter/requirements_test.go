package interpreter

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/templates"
)

func TestLock(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"python/requirements.lock", "python/scale.lock", "python/uv.lock.txt"} {
		text, err := templates.FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"://", "--index", "--find-links", "--extra-index"} {
			if strings.Contains(string(text), word) {
				t.Errorf("%s contains %s", file, word)
			}
		}
		hashes := strings.Count(string(text), "--hash=sha256:")
		if pins := len(parseLock(string(text))); pins == 0 || hashes < pins {
			t.Errorf("%s: %d pins, %d hashes", file, pins, hashes)
		}
	}
	lock, err := lockText()
	if err != nil {
		t.Fatal(err)
	}
	all := parseLock(string(lock))
	if _, err := templates.FS.ReadFile("python/prefect-" + all["prefect"] + ".sql"); err != nil {
		t.Errorf("no database for the locked Prefect: run templates/python/dump.sh: %v", err)
	}
	if all["tzdata"] == "" {
		t.Error("without tzdata an empty PYTHONTZPATH leaves the server no time zones")
	}
}

func TestConstraints(t *testing.T) {
	t.Parallel()
	lock := `aiosqlite==0.22.1 \
    --hash=sha256:043e \
    --hash=sha256:21c0
    # via prefect
annotated-doc==0.0.6 ; python_full_version < '3.11' \
    --hash=sha256:361c
Annotated_Doc==0.0.7 ; python_full_version >= '3.11' \
    --hash=sha256:c2b5
sqlalchemy[asyncio]==2.0.58 \
    --hash=sha256:aa
`
	want := `aiosqlite==0.22.1
annotated-doc==0.0.6 ; python_full_version < '3.11'
Annotated_Doc==0.0.7 ; python_full_version >= '3.11'
sqlalchemy==2.0.58
`
	if diff := cmp.Diff(want, constraints(lock)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(versionPins{"aiosqlite": "0.22.1", "annotated-doc": "0.0.7", "sqlalchemy": "2.0.58"}, parseLock(lock)); diff != "" {
		t.Errorf("pins (-want +got):\n%s", diff)
	}
}

func TestReadRequirements(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "flows", "a", "requirements.txt"), "# what a needs\n-r ../../base.txt\nTabulate[wide] >= 0.9  # tables\n\n--no-binary :none:\n-c missing-ok.txt\n./own\n")
	write(t, filepath.Join(root, "flows", "a", "missing-ok.txt"), "x==1\n")
	write(t, filepath.Join(root, "base.txt"), "\nrequests\n-r flows/a/requirements.txt\n")
	write(t, filepath.Join(root, "pyproject.toml"), "[project]\nname = 'x'\ndependencies = [\n  'pandas>=2',\n]\n")
	write(t, filepath.Join(root, "broken", "pyproject.toml"), "[project\n")
	i := New(Options{Folder: folder.In(root, nil, nil)})
	if err := i.folder.Make(); err != nil {
		t.Fatal(err)
	}
	got, err := i.readRequirements("flows/a/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := []pinnedRequirement{
		{File: "base.txt", Line: 2, Text: "requests", Name: "requests"},
		{File: "flows/a/requirements.txt", Line: 3, Text: "Tabulate[wide] >= 0.9", Name: "tabulate"},
		{File: "flows/a/missing-ok.txt", Line: 1, Text: "x==1", Name: "x"},
		{File: "flows/a/requirements.txt", Line: 7, Text: "./own"},
	}
	if diff := cmp.Diff(want, got.Wants, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	project, err := i.readRequirements("pyproject.toml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]pinnedRequirement{{File: "pyproject.toml", Line: 4, Text: "pandas>=2", Name: "pandas"}}, project.Wants); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, file := range []string{"nothing.txt", "broken/pyproject.toml"} {
		_, err := i.readRequirements(file)
		if f, ok := err.(*fault.Error); !ok || f.Code != fault.Findings || f.Where != file || f.Next == "" { //nolint:errorlint // the very type
			t.Errorf("%s: got %v", file, err)
		}
	}
}

func TestPackagesFault(t *testing.T) {
	t.Parallel()
	lock := versionPins{"pydantic": "2.14.3", "prefect": "3.8.8", "humanize": "4.17.0"}
	read := []requirementFile{{Wants: []pinnedRequirement{
		{File: "a.txt", Line: 1, Text: "humanize", Name: "humanize"},
		{File: "a.txt", Line: 2, Text: "PyDantic < 2", Name: "pydantic"},
		{File: "b.txt", Line: 7, Text: "oldlib==1.0", Name: "oldlib"},
	}}}
	tests := []struct{ name, output, where, what, why string }{
		{
			name: "pip, direct",
			output: "Collecting humanize\nERROR: Cannot install PyDantic<2 because these package versions have conflicting dependencies.\n" +
				"The user requested (constraint) pydantic==2.14.3",
			where: "a.txt:2", what: `the requirement "PyDantic < 2" conflicts with the embedded Prefect's lock`, why: "the lock has pydantic==2.14.3",
		},
		{
			name: "pip, by another package",
			output: "Collecting humanize\nERROR: Cannot install oldlib==1.0 because these package versions have conflicting dependencies.\n" +
				"oldlib 1.0 depends on pydantic-core\nThe user requested (constraint) prefect==3.8.8",
			where: "b.txt:7", what: `the requirement "oldlib==1.0" conflicts with the embedded Prefect's lock`, why: "the lock has prefect==3.8.8",
		},
		{
			name: "uv, by another package",
			output: "  × No solution found when resolving dependencies:\n  ╰─▶ Because oldlib==1.0 depends on prefect<3 and you require prefect==3.8.8, we can conclude " +
				"that oldlib==1.0 cannot be used.",
			where: "b.txt:7", what: `the requirement "oldlib==1.0" conflicts with the embedded Prefect's lock`, why: "the lock has prefect==3.8.8",
		},
		{
			name:   "no such package",
			output: "ERROR: No matching distribution found for oldlib==1.0",
			where:  "b.txt:7", what: `the requirement "oldlib==1.0" can't be installed`, why: "ERROR: No matching",
		},
		{
			name:   "something else",
			output: "ERROR: no space left on device",
			where:  "install.log", what: "the packages that the flows need can't be installed", why: "ERROR: no space",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := New(Options{Folder: folder.In("/r", nil, nil)}).packagesFault(&toolError{output: strings.Split(test.output, "\n")}, read, lock)
			f, ok := err.(*fault.Error) //nolint:errorlint // the very type is what callers are promised
			if !ok || f.Code != fault.Findings || f.Next == "" {
				t.Fatalf("got %v", err)
			}
			if !strings.HasSuffix(f.Where, test.where) || f.What != test.what || !strings.HasPrefix(f.Why, test.why) {
				t.Errorf("where %q\nwhat %q\nwhy %q", f.Where, f.What, f.Why)
			}
		})
	}
}
