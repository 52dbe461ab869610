package targets

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strings"
	"unicode"
)

// signature is what one target takes.
type signature struct {
	name       string // as Mage lists it: deploy:all
	doc        string // the first sentence of its comment, without the function's name
	positional []string
	flags      []flag
}

// flag is an optional -name=value.
type flag struct {
	name string
	kind string // the Go type: string, bool, int, time.Duration
	doc  string
}

func (s signature) flag(name string) *flag {
	if at := slices.IndexFunc(s.flags, func(f flag) bool { return strings.EqualFold(f.name, name) }); at >= 0 {
		return &s.flags[at]
	}
	return nil
}

func (s signature) flagNames() []string {
	out := make([]string, 0, len(s.flags))
	for _, f := range s.flags {
		out = append(out, f.name)
	}
	return out
}

// signatures reads the targets from Go sources, by lower-case name. `verify` is there as verify:all.
func signatures(files fs.ReadFileFS) (map[string]signature, error) {
	out := map[string]signature{}
	for _, name := range []string{"flows.go", "deploy.go", "env.go", "verify.go"} {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, d := range file.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && fn.Name.IsExported() {
				s := read(fn, file.Comments)
				out[strings.ToLower(s.name)] = s
			}
		}
	}
	for name, s := range out {
		s.flags = append(s.flags, stance)
		out[name] = s
	}
	all := out["verify:all"]
	all.name = "verify"
	out["verify"] = all
	return out, nil
}

func read(fn *ast.FuncDecl, comments []*ast.CommentGroup) signature {
	namespace := fmt.Sprint(fn.Recv.List[0].Type)
	s := signature{
		name: lowerFirst(namespace) + ":" + lowerFirst(fn.Name.Name),
		doc:  strings.Join(strings.Fields(strings.TrimPrefix(fn.Doc.Text(), fn.Name.Name)), " "),
	}
	for _, p := range fn.Type.Params.List {
		pointer, optional := p.Type.(*ast.StarExpr)
		for _, name := range p.Names {
			switch {
			case optional:
				s.flags = append(s.flags, flag{name: name.Name, kind: typeName(pointer.X), doc: behind(p, comments)})
			case name.Name != "ctx":
				s.positional = append(s.positional, name.Name)
			}
		}
	}
	return s
}

// behind gives the comment at the end of a parameter's line.
func behind(p *ast.Field, comments []*ast.CommentGroup) string {
	for _, c := range comments {
		if gap := c.Pos() - p.End(); gap > 0 && gap < 4 {
			return strings.TrimSpace(c.Text())
		}
	}
	return ""
}

func typeName(e ast.Expr) string {
	switch t := e.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		return typeName(t.X) + "." + t.Sel.Name
	default:
		return ""
	}
}

// lowerFirst follows Mage: UI is ui, not uI.
func lowerFirst(s string) string {
	runes := []rune(s)
	for i := range runes {
		if i > 0 && i+1 < len(runes) && unicode.IsLower(runes[i+1]) || !unicode.IsUpper(runes[i]) {
			break
		}
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}
