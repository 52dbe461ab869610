package targets

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/trust"
)

// signature is what one target takes.
type signature struct {
	name       string // as Mage lists it: deploy:all
	doc        string // the first sentence of its comment, without the function's name
	positional []string
	word       string // the flag whose value may stand alone
	flags      []flagWord
}

// flagWord is an optional -name=value.
type flagWord struct {
	name string
	kind string // the Go type: string, bool, int, time.Duration
	doc  string
}

func (s signature) flag(name string) *flagWord {
	if at := slices.IndexFunc(s.flags, func(f flagWord) bool { return strings.EqualFold(f.name, name) }); at >= 0 {
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
	rules := out["verify:rules"]
	rules.word = "code"
	out["verify:rules"] = rules
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
				s.flags = append(s.flags, flagWord{name: name.Name, kind: typeName(pointer.X), doc: behind(p, comments)})
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

// stance is the flag that every target takes. It holds for the whole command line: one that looks at a stranger's code with one target does
// not start it with the next.
var stance = flagWord{ //nolint:gochecknoglobals // a constant
	name: "untrusted", kind: "bool", doc: "the code is a stranger's: start nothing of it, and take guards and ignores from the base branch",
}

// spelledOut writes out the flag of a word that may stand alone behind its target, since Mage knows no words that may be left out.
func spelledOut(args []string, known map[string]signature) []string {
	out := slices.Clone(args)
	for i := 1; i < len(out); i++ {
		_, target := known[strings.ToLower(out[i])]
		if flag := known[strings.ToLower(out[i-1])].word; flag != "" && !target && !strings.HasPrefix(out[i], "-") {
			out[i] = "-" + flag + "=" + out[i]
		}
	}
	return out
}

// taken takes the flag off a command line that has been checked, and says the same by the variable that it stands for: Mage, which matches flags
// with the parameters of functions, would want it in the signature of each, and of those that users have written too. What the variable says
// already can only become stricter.
func taken(line, args []string, known map[string]signature) ([]string, error) {
	if _, ours := known[strings.ToLower(args[0])]; !ours {
		return line, nil
	}
	said := ""
	rest := slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		name, text, assigned := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if !strings.HasPrefix(arg, "-") || !strings.EqualFold(name, stance.name) {
			return false
		}
		on, err := strconv.ParseBool(text)
		switch {
		case !assigned || err == nil && on:
			said = "1"
		case said == "":
			said = "0"
		}
		return true
	})
	if said == "0" && os.Getenv(trust.Variable) != "" {
		said = ""
	}
	var err error
	if said != "" {
		err = os.Setenv(trust.Variable, said)
	}
	return slices.Concat(line[:len(line)-len(args)], rest), err
}
