package tasks_test

import (
	"bytes"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layered are packages whose files, too, know each other in one direction only: whoever reads one from the top meets no way back.
var layered = []string{"tasks/draft", "tasks/build", "tasks/deploying", "tasks/register", "tasks/run", "tasks/serve", "tasks/doctor", "tasks/verify", "tasks/workers", "tasks/inventory", "tasks/ladder", "tasks/tail", "tasks/browser"}

func TestFilesLookOneWay(t *testing.T) {
	t.Parallel()
	for _, name := range layered {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			knows := filesOf(t, name)
			var walk func(file string, way []string)
			done := map[string]bool{}
			walk = func(file string, way []string) {
				if at := slices.Index(way, file); at >= 0 {
					t.Errorf("these files know each other in a circle: %s", strings.Join(append(way[at:], file), " -> "))
					return
				}
				if done[file] {
					return
				}
				for other, what := range knows[file] {
					walk(other, append(slices.Clip(way), file))
					_ = what
				}
				done[file] = true
			}
			for file := range knows {
				walk(file, nil)
			}
		})
	}
}

// filesOf gives for each file of a package the others that it uses something of, each with one name of that.
func filesOf(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	paths, err := filepath.Glob(filepath.Join("..", name, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	info := types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", exports(t, name))}
	pkg, err := config.Check(module+name, fset, files, &info)
	if err != nil {
		t.Fatal(err)
	}
	at := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	out := map[string]map[string]string{}
	for id, object := range info.Uses {
		field, isVar := object.(*types.Var)
		if object.Pkg() != pkg || isVar && (field.IsField() || object.Parent() != pkg.Scope()) {
			continue
		}
		from, to := at(id.Pos()), at(object.Pos())
		if out[from] == nil {
			out[from] = map[string]string{}
		}
		if from != to {
			out[from][to] = object.Name()
		}
	}
	return out
}

// exports finds what the compiler has written of the packages that a package imports.
func exports(t *testing.T, name string) func(path string) (io.ReadCloser, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}", "./"+name)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for line := range bytes.Lines(out) {
		path, file, _ := strings.Cut(strings.TrimSpace(string(line)), "\t")
		found[path] = file
	}
	return func(path string) (io.ReadCloser, error) { return os.Open(found[path]) }
}
