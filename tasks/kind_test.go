package tasks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/kind"
)

// others are the functions and variables in which the word for a kind, or for a type of work pool, means another thing.
var others = map[string]string{
	"tasks/doctor.imagePrefect":       "a program in an image",
	"tasks/image.PythonOf":            "a program in an image",
	"tasks/dependency.condaPackage":   "a program, as conda names it",
	"tasks/dependency.poetry":         "a program, as Poetry names it",
	"tasks/build.reachable":           "a program in an image",
	"tasks/draft.secondOpinion":       "a value of `schemas`",
	"tasks/doctor.tools":              "a program",
	"tasks/setting.environment":       "the setting `python`, and a value of `schemas`",
	"tasks/image.run":                 "a program in an image",
	"tasks/image.Build":               "a program",
	"tasks/image.present":             "a program",
	"tasks/image.ours":                "a folder of the repository",
	"tasks/image.readSettings":        "the name of Docker's own endpoint",
	"tasks/interpreter.Prefect":       "the folder of the installation",
	"tasks/interpreter.Status":        "the folder of the installation",
	"tasks/interpreter.candidates":    "a program",
	"tasks/interpreter.clear":         "the folder of the installation",
	"tasks/interpreter.installPython": "the folder of the installation",
	"tasks/interpreter.installed":     "the folder of the installation",
	"tasks/interpreter.installs":      "the folder of the installation",
	"tasks/interpreter.venvPython":    "a program",
	"tasks/trust.Ways":                "the setting `python`",
	"tasks/trust.programs":            "a program",
	"tasks/doctor.installs":           "a program",
	"tasks/doctor.toolsRule":          "a program",
}

// Kinds of deployments are values of [kind.Kind], and types of work pools have constants beside it. A bare word for one can't be found when kinds change, and is compared with whatever looks
// like it.
func TestNoBareKinds(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	root := os.DirFS("..")
	for _, folder := range []string{"tasks", "magefiles/command", "magefiles/targets"} {
		err := fs.WalkDir(root, folder, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || path.Dir(file) == "tasks/kind" {
				return err
			}
			text, err := fs.ReadFile(root, file)
			if err != nil {
				return err
			}
			for where, lines := range bareKinds(t, file, text) {
				if others[where] == "" {
					t.Errorf("%s:%d: a bare word for a kind of deployment or a type of work pool; write its constant of package kind, or say in the list what it means in %s", file, lines[0], where)
				}
				used[where] = true
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for where := range others {
		if !used[where] {
			t.Errorf("%s holds no such word any more; take it off the list", where)
		}
	}
}

// bareKinds gives the lines with a word for a kind, or for a type of work pool, as a text of its own, by package and function or variable.
func bareKinds(t *testing.T, file string, text []byte) map[string][]int {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]int{}
	for _, d := range parsed.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			word, ok := n.(*ast.BasicLit)
			if !ok || word.Kind != token.STRING {
				return true
			}
			words := append(kind.Words(), kind.ProcessPool, kind.DockerPool, kind.KubernetesPool)
			if s, err := strconv.Unquote(word.Value); err == nil && slices.Contains(words, s) {
				where := path.Dir(file) + "." + declared(d)
				out[where] = append(out[where], files.Position(word.Pos()).Line)
			}
			return true
		})
	}
	return out
}

// declared gives the name of what a declaration declares first.
func declared(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name
	case *ast.GenDecl:
		switch s := d.Specs[0].(type) {
		case *ast.ValueSpec:
			return s.Names[0].Name
		case *ast.TypeSpec:
			return s.Name.Name
		}
	}
	return ""
}

// The search finds each way to bring a bare word back.
func TestBareKindsAreFound(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		`func f(k string) bool { return k == "python" }`,
		"func f(k string) int { switch k { case \"x\", `container`: return 1 }; return 0 }",
		`func f() string { return name("slug", "python") }`,
		`const f = "container"`,
		`var f = map[string]bool{"python": true}`,
		`func f(k struct{ Kind string }) { k.Kind = "python" }`,
		`type f struct{}; func (f) f() []string { return []string{"container"} }`,
	} {
		if found := bareKinds(t, "tasks/x/x.go", []byte("package x\n"+code)); len(found["tasks/x.f"]) != 1 {
			t.Errorf("%s: %v", code, found)
		}
	}
	if found := bareKinds(t, "tasks/x/x.go", []byte("package x\ntype f struct{ Python string `koanf:\"python\"` }\nconst g = \"python: no kind\"")); len(found) > 0 {
		t.Error(found)
	}
}
