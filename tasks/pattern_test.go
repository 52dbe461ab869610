package tasks_test

import (
	"go/ast"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Regular expressions wait until they are used, and all of them are valid.
func TestPatternsWait(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, root := range []string{".", "../magefiles"} {
		each(t, root, func(name string, file *ast.File) {
			if strings.HasPrefix(name, "pattern/") {
				return
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				switch called(call) {
				case "regexp.MustCompile":
					t.Errorf("%s compiles an expression at the start: pattern.New compiles it when it is used", name)
				case "pattern.New":
					seen++
					if expr, whole := text(call.Args[0]); whole {
						if _, err := regexp.Compile(expr); err != nil {
							t.Errorf("%s: %v", name, err)
						}
					}
				}
				return true
			})
		})
	}
	if seen < 100 {
		t.Errorf("only %d patterns were seen", seen)
	}
}

// called gives package and name of what is called, such as regexp.MustCompile.
func called(call *ast.CallExpr) string {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	from, ok := f.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return from.Name + "." + f.Sel.Name
}

// text gives a string that is written out, perhaps in several pieces.
func text(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		left, l := text(x.X)
		right, r := text(x.Y)
		return left + right, l && r
	}
	return "", false
}
