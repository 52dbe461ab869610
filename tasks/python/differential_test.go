package python

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// interpreters gives the Pythons that judge: python3, and those that FLOWMAGE_TEST_PYTHONS lists with colons between them. Without any
// the test is skipped at home and fails in CI.
func interpreters(tb testing.TB) []string {
	tb.Helper()
	var found []string
	for _, name := range append([]string{"python3"}, filepath.SplitList(os.Getenv("FLOWMAGE_TEST_PYTHONS"))...) {
		if path, err := exec.LookPath(name); err == nil {
			found = append(found, path)
		}
	}
	if p := os.Getenv("FLOWMAGE_TEST_PYTHON"); p != "" {
		found = append(found, p)
	}
	if len(found) == 0 {
		prerequisite.Program(tb, "python3")
	}
	return found
}

// library lists the Python files of the interpreter's standard library and of its packages, a fixed-seed sample unless FLOWMAGE_SOAK is set.
func library(tb testing.TB, python string, sample int) []string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), python, "-c", "import sysconfig; print(sysconfig.get_path('stdlib'), sysconfig.get_path('purelib'), sep='\\n')").Output()
	if err != nil {
		tb.Fatal(err)
	}
	seen := map[string]bool{}
	var files []string
	for root := range strings.Lines(string(out)) {
		err := filepath.WalkDir(strings.TrimSpace(root), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, ".py") && !seen[path] {
				seen[path] = true
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	if !prerequisite.Full() && sample > 0 {
		r := rand.New(rand.NewPCG(1, 2))
		r.Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
		files = files[:min(sample, len(files))]
	}
	return files
}

// different are the files of standard libraries in which we and CPython may differ, with the reason.
var different = map[string]string{
	"nonascii2.py": "in ISO 8859-5 the control characters from 0x80 on are no letters for golang.org/x/text; only its docstring has them",
}

func TestAgainstCPython(t *testing.T) {
	t.Parallel()
	for _, python := range interpreters(t) {
		t.Run(python, func(t *testing.T) {
			t.Parallel()
			against(t, python, library(t, python, 600))
		})
	}
}

// against lets one Python compare what we read from files with what it sees itself.
func against(t *testing.T, python string, files []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "compare.py"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer func() { _ = in.Close() }()
		var r Reader
		enc := json.NewEncoder(in)
		for _, path := range files {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
				continue
			}
			m, err := r.Parse(src)
			if err := enc.Encode(view(path, m, err)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	compared, shown := 0, 0
	for lines.Scan() {
		var d struct {
			Path, What   string
			Theirs, Ours json.RawMessage
			Files        int
		}
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		compared += d.Files
		if _, known := different[filepath.Base(d.Path)]; d.Path == "" || known {
			continue
		}
		if shown++; shown < 30 {
			t.Errorf("%s: %s\n CPython: %.900s\n ours:    %.900s", d.Path, d.What, d.Theirs, d.Ours)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if compared != len(files) {
		t.Errorf("only %d of %d files were compared", compared, len(files))
	}
	t.Logf("%d files compared, %d differences", compared, shown)
}

// view is a module as testdata/compare.py wants it.
func view(path string, m *Module, err error) map[string]any {
	out := map[string]any{"path": path, "error": nil}
	if err != nil {
		out["error"] = err.Error()
		return out
	}
	doc := func(s string, has bool) any {
		if has {
			return s
		}
		return nil
	}
	imports, functions, classes, assignments := [][]any{}, [][]any{}, [][]any{}, [][]any{}
	at := func(offset int, row ...any) []any {
		line, column := m.Position(offset)
		return append([]any{line, column}, row...)
	}
	for _, i := range m.Imports {
		imports = append(imports, at(i.Start, i.Scope, i.Level, i.Module, i.Name, i.As))
	}
	for _, f := range m.Functions {
		decorators, parameters := [][]any{}, [][]any{}
		for _, d := range f.Decorators {
			decorators = append(decorators, at(d.Start, d.Text))
		}
		for _, p := range f.Parameters {
			parameters = append(parameters, at(p.Start, p.Name, p.Kind, p.Annotation.Text, p.Default.Text))
		}
		functions = append(functions, at(
			f.Start, m.Line(f.End), f.QualifiedName, f.Scope, f.Async, decorators, parameters, f.Returns.Text, doc(f.Doc, f.HasDoc),
		))
	}
	for _, c := range m.Classes {
		decorators, bases := []string{}, []string{}
		for _, d := range c.Decorators {
			decorators = append(decorators, d.Text)
		}
		for _, b := range c.Bases {
			bases = append(bases, b.Text)
		}
		classes = append(classes, at(c.Start, m.Line(c.End), c.QualifiedName, c.Scope, decorators, bases, doc(c.Doc, c.HasDoc)))
	}
	for _, a := range m.Assignments {
		if !a.Value.Absent() || !a.Annotation.Absent() {
			assignments = append(assignments, at(a.Start, a.Scope, a.Owner, a.Target, a.Annotation.Text, a.Value.Text))
		}
	}
	out["imports"], out["functions"], out["classes"], out["assignments"], out["doc"] = imports, functions, classes, assignments, doc(m.Doc, m.HasDoc)
	return out
}
