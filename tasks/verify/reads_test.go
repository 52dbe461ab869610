package verify_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// reads are the client's methods whose names this package may use: none of them changes anything on a server.
var reads = []string{
	"Address", "Browser", "Close", "Deployment", "Deployments", "Dial", "Elsewhere", "FlowRun", "Handshake", "Health", "IsCloud", "Lookup", "Now", "Proxy", "ScheduledRuns", "Schedules", "ServerSettings", "UISettings", "URL",
	"Version", "WorkPool", "WorkPools", "WorkQueues", "Workers",
}

// Verifying never writes: of the client's methods only those that read are called, a new one not before it is listed here, and what a browser
// does is fetched by GET and OPTIONS alone.
func TestOnlyReads(t *testing.T) {
	t.Parallel()
	client := reflect.TypeFor[*prefect.Client]()
	for _, name := range reads {
		if _, there := client.MethodByName(name); !there {
			t.Errorf("the client has no %s", name)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	called := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok {
				if _, ours := client.MethodByName(x.Sel.Name); ours {
					called[x.Sel.Name] = true
					if !slices.Contains(reads, x.Sel.Name) {
						t.Errorf("%s: %s is not known to read only", set.Position(x.Pos()), x.Sel.Name)
					}
				}
			}
			if x, ok := n.(*ast.CallExpr); ok && name(x.Fun) == "fetch" && name(x.Args[1]) != "MethodGet" && name(x.Args[1]) != "MethodOptions" {
				t.Errorf("%s: a browser's page is fetched by %s", set.Position(x.Pos()), name(x.Args[1]))
			}
			return true
		})
	}
	for _, name := range reads {
		if !called[name] {
			t.Errorf("%s is listed and called nowhere", name)
		}
	}
}

// name gives the last part of a name with dots.
func name(x ast.Expr) string {
	if selector, ok := x.(*ast.SelectorExpr); ok {
		return selector.Sel.Name
	}
	return ""
}
