package tasks_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/constant"
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

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/rulebook"
	"github.com/flowmage/flowmage/tasks/setting"
)

// typed is a package with its types.
type typed struct {
	name  string
	set   *token.FileSet
	files []*ast.File
	info  *types.Info
}

// users gives the packages of this module that know findings, tests left out.
func users(t *testing.T) []typed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Export,Dir,GoFiles,Imports", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	type listed struct {
		ImportPath, Export, Dir string
		GoFiles, Imports        []string
	}
	var list []listed
	exports := map[string]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if slices.Contains(p.Imports, module+"tasks/finding") {
			list = append(list, p)
		}
	}
	set := token.NewFileSet()
	from := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	all := make([]typed, 0, len(list))
	for _, p := range list {
		u := typed{strings.TrimPrefix(p.ImportPath, module), set, nil, &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}}
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			u.files = append(u.files, f)
		}
		if _, err := (&types.Config{Importer: from}).Check(p.ImportPath, set, u.files, u.info); err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	return all
}

// is tells whether an expression has a type of package finding.
func (u typed) is(e ast.Expr, name string) bool {
	at := u.info.TypeOf(e)
	return at != nil && strings.TrimPrefix(at.String(), "*") == module+"tasks/finding."+name
}

// words tells whether an expression is what a finding says to people: x.Code or x.Message.
func (u typed) words(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if u.is(s.X, "Finding") {
		return s.Sel.Name == "Code" || s.Sel.Name == "Message"
	}
	return false
}

// place tells whether an expression is the file or key where a finding stands.
func (u typed) place(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok || s.Sel.Name != "File" && s.Sel.Name != "Key" {
		return false
	}
	inner, ok := s.X.(*ast.SelectorExpr)
	return ok && u.is(inner.X, "Finding")
}

// judging are functions that look into a text.
var judging = []string{"strings.HasPrefix", "strings.HasSuffix", "strings.Contains", "strings.EqualFold", "strings.Cut", "strings.CutPrefix", "path.Base", "path.Ext"}

// steered finds what makes a finding without a rule, or decides by its code, its words or its place.
func (u typed) steered(n ast.Node) string {
	switch x := n.(type) {
	case *ast.BinaryExpr:
		if (x.Op == token.EQL || x.Op == token.NEQ) && (u.words(x.X) || u.words(x.Y)) {
			return "compares what a finding says"
		}
	case *ast.SwitchStmt:
		if x.Tag != nil && u.words(x.Tag) {
			return "chooses by what a finding says"
		}
	case *ast.IndexExpr:
		if u.words(x.Index) {
			return "chooses by what a finding says"
		}
	case *ast.CallExpr:
		if slices.Contains(judging, types.ExprString(x.Fun)) && slices.ContainsFunc(x.Args, func(e ast.Expr) bool { return u.words(e) || u.place(e) }) {
			return "looks into what a finding says, or where it stands"
		}
	case *ast.AssignStmt:
		set := func(name string) bool {
			return slices.ContainsFunc(x.Lhs, func(e ast.Expr) bool {
				s, ok := e.(*ast.SelectorExpr)
				return ok && s.Sel.Name == name && u.is(s.X, "Finding")
			})
		}
		if set("Subject") && !set("Scope") && u.name != "tasks/console" { // which only prints
			return "names another subject and leaves the scope as it was"
		}
		for _, e := range x.Lhs {
			if s, ok := e.(*ast.SelectorExpr); ok && s.Sel.Name == "Code" && u.is(s.X, "Finding") {
				return "sets a code, which the rule does"
			}
		}
	case *ast.CompositeLit:
		if u.is(x, "Scope") {
			return "makes a scope by itself: finding.OfFlow and others do"
		}
		for _, e := range x.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && u.is(x, "Finding") && slices.Contains([]string{"Code", "Severity", "Scope"}, types.ExprString(kv.Key)) {
				return "gives what the rule gives"
			}
		}
	}
	return ""
}

// TestFindingsDoNotSteer holds the rule that a program decides by a finding's scope and severity alone, and that each is made by a rule.
func TestFindingsDoNotSteer(t *testing.T) {
	t.Parallel()
	rules := map[string]finding.Catalogue{}
	for _, p := range rulebook.Sections() {
		rules[p.Package] = p.Rules
	}
	rules["tasks/setting"] = setting.Rules() // findings of config and check
	for _, u := range users(t) {
		made := map[*ast.CompositeLit]bool{}
		for _, f := range u.files {
			ast.Inspect(f, func(n ast.Node) bool {
				if n == nil {
					return true
				}
				at := u.set.Position(n.Pos())
				if why := u.steered(n); why != "" && u.name != "tasks/verdict" { // which does what settings say of a code, and for no code of its own
					t.Errorf("%s: %s", at, why)
				}
				switch x := n.(type) {
				case *ast.CallExpr:
					for _, code := range u.codes(x, made) {
						if _, known := rules[u.name][code]; !known && code != "" && code != "secret-literal" {
							t.Errorf("%s: %s has no rule in %s/catalogue.go", at, code, u.name)
						}
					}
				case *ast.CompositeLit:
					if u.is(x, "Finding") && len(x.Elts) > 0 && !made[x] {
						t.Errorf("%s: a finding is made by catalogue.New", at)
					}
				}
				return true
			})
		}
		u.unused(t, rules[u.name])
	}
}

// codes gives the codes that a call hands over, and notes the findings that it makes.
func (u typed) codes(call *ast.CallExpr, made map[*ast.CompositeLit]bool) []string {
	signature, ok := u.info.TypeOf(call.Fun).(*types.Signature)
	if !ok {
		return nil
	}
	var out []string
	for i := range min(signature.Params().Len(), len(call.Args)) {
		if v := u.info.Types[call.Args[i]].Value; v != nil && signature.Params().At(i).Name() == "code" && v.Kind() == constant.String {
			out = append(out, constant.StringVal(v))
		}
	}
	if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "New" && u.is(s.X, "Catalogue") && len(call.Args) == 3 {
		if lit, ok := call.Args[2].(*ast.CompositeLit); ok {
			made[lit] = true
		}
	}
	return out
}

// unused tells of rules that nothing in the package names.
func (u typed) unused(t *testing.T, rules finding.Catalogue) {
	t.Helper()
	named := map[string]bool{}
	for _, f := range u.files {
		if filepath.Base(u.set.Position(f.Pos()).Filename) == "catalogue.go" {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				named[strings.Trim(lit.Value, "\"`")] = true
			}
			return true
		})
	}
	shared := document.Rules() // of tasks/document
	if u.name != "tasks/setting" {
		shared = shared.With(setting.Rules())
	}
	for code := range rules {
		if _, there := shared[code]; !there && !named[code] && !named[strings.TrimRight(code, "abcdefghijklmnopqrstuvwxyz")] {
			t.Errorf("no finding of %s has the code %s", u.name, code)
		}
	}
}
