package tasks_test

import (
	"go/ast"
	"strings"
	"testing"
)

// What changes the whole process stands in one place, beside what it brings.
func TestProcessIsChangedInOnePlace(t *testing.T) {
	t.Parallel()
	changes := map[string]bool{"debug.SetGCPercent": true, "debug.SetMemoryLimit": true, "debug.SetMaxThreads": true, "runtime.Stack": true, "signal.Reset": true, "signal.Ignore": true}
	for _, root := range []string{".", "../magefiles"} {
		each(t, root, func(name string, file *ast.File) {
			if strings.HasPrefix(name, "ownprocess/") {
				return
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				what := called(call)
				asks := len(call.Args) == 1 && isZero(call.Args[0])
				if changes[what] || what == "runtime.GOMAXPROCS" && !asks {
					t.Errorf("%s calls %s, which belongs into tasks/ownprocess", name, what)
				}
				return true
			})
		})
	}
}

func isZero(x ast.Expr) bool {
	n, ok := x.(*ast.BasicLit)
	return ok && n.Value == "0"
}
