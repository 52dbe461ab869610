package tasks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// plain names what the plan may use of package prefect: types that are data, and what is known of releases. With a client of any kind, or
// anything else that reaches out of the process, it could make requests.
var plain = []string{"Automation", "Deployment", "FullAutomations", "Release", "Schedule", "Text", "WorkPool", "WorkQueue"}

// A plan asks no server and prints nothing.
func TestPlanIsPure(t *testing.T) {
	t.Parallel()
	outside := []string{"context", "io", "log", "net", "net/http", "os", "os/exec", module + "tasks/console"}
	each(t, "plan", func(name string, file *ast.File) {
		if strings.HasPrefix(name, "plan/printed/") {
			return
		}
		for _, i := range file.Imports {
			if path := strings.Trim(i.Path.Value, `"`); slices.Contains(outside, path) {
				t.Errorf("%s must not import %s", name, path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok && isNamed(x.X, "prefect") && !slices.Contains(plain, x.Sel.Name) {
				t.Errorf("%s uses prefect.%s, which is no plain data", name, x.Sel.Name)
			}
			return true
		})
	})
}

// The names of a deployment's managed fields stand in plan.Managed; elsewhere they have accessors, or constants.
func TestKeysAreNotRetyped(t *testing.T) {
	t.Parallel()
	for _, root := range []string{".", "../magefiles"} {
		each(t, root, func(name string, file *ast.File) {
			ast.Inspect(file, func(n ast.Node) bool {
				x, ok := n.(*ast.IndexExpr)
				if !ok {
					return true
				}
				fields, ok := x.X.(*ast.SelectorExpr)
				if key, text := x.Index.(*ast.BasicLit); ok && text && key.Kind == token.STRING && fields.Sel.Name == "Fields" {
					t.Errorf("%s reads the field %s by its name; plan.Desired has an accessor for it", name, key.Value)
				}
				return true
			})
		})
	}
}

func isNamed(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

// each calls do with every Go file below a folder that is no test.
func each(t *testing.T, root string, do func(name string, file *ast.File)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err == nil {
			do(filepath.ToSlash(path), file)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatal(files, err)
	}
}
