package tasks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// A local variable that has the name of something of its package hides it: who reads a line has to look for which of them is meant, and who moves
// the line gets the other one.
func TestNothingIsShadowed(t *testing.T) {
	t.Parallel()
	root := os.DirFS("..")
	files := token.NewFileSet()
	packages := map[string][]*ast.File{}
	for _, top := range []string{"tasks", "magefiles"} {
		err := fs.WalkDir(root, top, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			text, err := fs.ReadFile(root, file)
			if err != nil {
				return err
			}
			parsed, err := parser.ParseFile(files, file, text, parser.SkipObjectResolution)
			packages[path.Dir(file)] = append(packages[path.Dir(file)], parsed)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, list := range packages {
		declared := map[string]bool{}
		for _, file := range list {
			for _, d := range file.Decls {
				declare(d, func(name *ast.Ident) { declared[name.Name] = name.Name != "_" })
			}
		}
		for _, file := range list {
			locals(file, func(name *ast.Ident) {
				if declared[name.Name] {
					t.Errorf("%s: %s hides what the package declares by that name: give one of them another", files.Position(name.Pos()), name.Name)
				}
			})
		}
	}
}

// declare calls what it is given with each name that a declaration of a package makes.
func declare(d ast.Decl, made func(*ast.Ident)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			made(d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				made(spec.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					made(name)
				}
			}
		}
	}
}

// locals calls what it is given with each name that a function makes: its receiver, parameters and results, and variables inside of it.
func locals(file *ast.File, made func(*ast.Ident)) {
	idents := func(list []ast.Expr) {
		for _, e := range list {
			if name, is := e.(*ast.Ident); is {
				made(name)
			}
		}
	}
	fields := func(list *ast.FieldList) {
		if list == nil {
			return
		}
		for _, field := range list.List {
			for _, name := range field.Names {
				made(name)
			}
		}
	}
	for _, d := range file.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is {
			continue
		}
		fields(f.Recv)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncType:
				fields(n.TypeParams)
				fields(n.Params)
				fields(n.Results)
			case *ast.AssignStmt:
				if n.Tok == token.DEFINE {
					idents(n.Lhs)
				}
			case *ast.RangeStmt:
				if n.Tok == token.DEFINE {
					idents([]ast.Expr{n.Key, n.Value})
				}
			case *ast.DeclStmt:
				declare(n.Decl, made)
			}
			return true
		})
	}
}
