package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/pattern"
)

// Bounds of an expression, which no honest one reaches.
const (
	longest   = 8_000   // characters
	deepest   = 60      // levels
	nodes     = 4_000   // parts
	costliest = 500_000 // what one look at one subject may cost, in CEL's own units
	dearest   = 20_000_000
)

// mistake is something wrong in an expression; line and column count from 1, and are 0 where it has no place.
type mistake struct {
	line, column int
	text, fix    string
}

// result is what an expression must give.
type result struct {
	kind *cel.Type
	name string
}

func truth() result { return result{cel.BoolType, "true or false"} }

func aText() result { return result{cel.StringType, "a text"} }

// language makes programs. It keeps what it has made to understand expressions over something.
type language struct{ envs map[string]*cel.Env }

func (l *language) env(over string) (*cel.Env, error) {
	if env := l.envs[over]; env != nil {
		return env, nil
	}
	options := []cel.EnvOption{
		cel.ParserExpressionSizeLimit(longest), cel.ParserRecursionLimit(deepest), cel.ParserErrorRecoveryLimit(3), cel.ExpressionNodeLimit(nodes), cel.DefaultUTCTimeZone(true),
		cel.CrossTypeNumericComparisons(true),
	}
	for _, word := range words(over) {
		options = append(options, cel.Variable(word, cel.MapType(cel.StringType, cel.DynType)))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	if l.envs == nil {
		l.envs = map[string]*cel.Env{}
	}
	l.envs[over] = env
	return env, nil
}

// compile makes the program of an expression over something, or tells what is wrong with it.
func (l *language) compile(over, text string, want result) (cel.Program, []mistake) {
	env, err := l.env(over)
	if err != nil {
		return nil, []mistake{{text: err.Error()}}
	}
	if len(text) > longest {
		return nil, []mistake{{1, 1, fmt.Sprintf("the expression is longer than the %d characters that are read", longest), "make two policies of it"}}
	}
	tree, issues := env.Compile(text)
	if issues != nil && issues.Err() != nil {
		return nil, mistakes(issues, over)
	}
	if got := tree.OutputType(); !got.IsExactType(want.kind) && !got.IsExactType(cel.DynType) {
		return nil, []mistake{{1, 1, "the expression gives " + got.String() + ", and must give " + want.name, "compare it with something, or wrap it in size(…) > 0, has(…), string(…)"}}
	}
	if wrong := strangers(tree.NativeRep(), words(over)); len(wrong) > 0 {
		return nil, wrong
	}
	program, err := env.Program(tree, cel.CostLimit(costliest), cel.EvalOptions(cel.OptTrackCost))
	if err != nil {
		return nil, []mistake{{1, 1, err.Error(), ""}}
	}
	return program, nil
}

// undeclared is CEL's word for a name that nothing has.
var undeclared = pattern.New(`^undeclared reference to '([^']*)'(?: \((?:in container ''|did you mean '([^']*)'\?)\))?$`)

// mistakes gives what CEL finds wrong, the first few.
func mistakes(issues *cel.Issues, over string) []mistake {
	var out []mistake
	for _, e := range issues.Errors() {
		m := mistake{line: e.Location.Line(), column: e.Location.Column() + 1, text: strings.Join(strings.Fields(strings.TrimPrefix(e.Message, "Syntax error: ")), " ")}
		if name := undeclared.FindStringSubmatch(m.text); name != nil {
			known := words(over)
			m.text = fmt.Sprintf("there is no %q", name[1])
			m.fix = finding.Meant(cmp.Or(finding.Nearest(name[1], known), name[2]), "a policy over a "+over+" sees "+strings.Join(known, ", "))
		}
		if m.line < 1 {
			m.line, m.column = 1, 1
		}
		if out = append(out, m); len(out) == 3 {
			break
		}
	}
	return out
}

// strangers tells of keys that the words of the input don't have. A name that the expression itself gives to something is none of these words.
func strangers(tree *ast.AST, of []string) []mistake {
	own := map[string]bool{}
	var selects []ast.Expr
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.ComprehensionKind:
			own[e.AsComprehension().IterVar()], own[e.AsComprehension().IterVar2()] = true, true
		case ast.SelectKind:
			selects = append(selects, e)
		default:
		}
	}))
	var out []mistake
	for _, e := range selects {
		x, key := e.AsSelect().Operand(), e.AsSelect().FieldName()
		if x.Kind() != ast.IdentKind || own[x.AsIdent()] || !slices.Contains(of, x.AsIdent()) {
			continue
		}
		known := keysOf(x.AsIdent())
		if slices.Contains(known, key) {
			continue
		}
		at := tree.SourceInfo().GetStartLocation(e.ID())
		out = append(out, mistake{
			line: max(at.Line(), 1), column: at.Column() + 1, text: fmt.Sprintf("%s has no key %q", x.AsIdent(), key),
			fix: finding.Meant(finding.Nearest(key, known), "it has "+strings.Join(known, ", ")),
		})
	}
	return out
}
