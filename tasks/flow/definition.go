package flow

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// Definition is the def behind a flow, as its source has it. It keeps nothing of what the source was parsed into.
type Definition struct {
	Name string
	// File has the def. That of a flow made by `flow(function)` may be another one than the flow's.
	File        string
	Line, Start int // the line, and the offset in the file, of the word def or async
	Parameters  []Parameter
	Returns     string // the annotation; "" without one
	// ClassMethod tells that the first parameter is the class, which no run is given.
	ClassMethod bool
	// Below is how many of its decorators stand below the one that makes the flow.
	Below int
}

// Parameter is one parameter of a def. Annotation and Default are as written, "" where there is none.
type Parameter struct {
	Name                string
	Kind                ParameterKind
	Annotation, Default string
	Line                int
}

// ParameterKind is the way a parameter takes its argument, by the words of Python's inspect module.
type ParameterKind string

// The kinds, in the order in which a signature has them.
const (
	PositionalOnly      ParameterKind = "positional-only"
	PositionalOrKeyword ParameterKind = "positional-or-keyword"
	VarPositional       ParameterKind = "var-positional"
	KeywordOnly         ParameterKind = "keyword-only"
	VarKeyword          ParameterKind = "var-keyword"
)

// Given are the parameters that a run of the flow can be given.
func (f Flow) Given() []Parameter {
	switch {
	case f.Definition == nil:
		return nil
	case f.Definition.ClassMethod && len(f.Definition.Parameters) > 0:
		return f.Definition.Parameters[1:]
	default:
		return f.Definition.Parameters
	}
}

// definitionOf describes a def of a file. All its texts are parts of one copy of the def's head, so that the file's own text can go.
func definitionOf(file string, m *python.Module, fn *python.Function) *Definition {
	end := fn.Start
	for _, p := range fn.Parameters {
		end = max(end, p.Start+len(p.Name), p.Annotation.End(), p.Default.End())
	}
	head := strings.Clone(m.Source[fn.Start:max(end, fn.Returns.End())])
	own := func(text string, start int) string {
		if i := start - fn.Start; text != "" && i < len(head) && strings.HasPrefix(head[i:], text) {
			return head[i : i+len(text)]
		}
		return text // empty, or a name in another form than its letters, which has a text of its own
	}
	d := &Definition{
		Name: strings.Clone(fn.Name), File: file, Line: m.Line(fn.Start), Start: fn.Start, Returns: own(fn.Returns.Text, fn.Returns.Start),
		Parameters:  make([]Parameter, 0, len(fn.Parameters)),
		ClassMethod: slices.ContainsFunc(fn.Decorators, func(e python.Expr) bool { return e.Text == "classmethod" }),
	}
	kinds := [...]ParameterKind{
		python.PositionalOnly: PositionalOnly, python.PositionalOrKeyword: PositionalOrKeyword, python.VarPositional: VarPositional,
		python.KeywordOnly: KeywordOnly, python.VarKeyword: VarKeyword,
	}
	for _, p := range fn.Parameters {
		d.Parameters = append(d.Parameters, Parameter{
			Name: own(p.Name, p.Start), Kind: kinds[p.Kind], Annotation: own(p.Annotation.Text, p.Annotation.Start),
			Default: own(p.Default.Text, p.Default.Start), Line: d.Line + strings.Count(m.Source[fn.Start:p.Start], "\n"),
		})
	}
	return d
}

// owned gives a flow whose texts are copies, so that those of the files can go.
func (f Flow) owned() Flow {
	f.Name, f.Description = strings.Clone(f.Name), strings.Clone(f.Description)
	f.Function = f.Entrypoint[len(f.File)+1:]
	for i, o := range f.Options {
		both := o.Name + o.Text
		f.Options[i] = Option{both[:len(o.Name)], ownedValue(o.Value), o.Known, both[len(o.Name):]}
	}
	return f
}

func ownedValue(v any) any {
	switch x := v.(type) {
	case string:
		return strings.Clone(x)
	case []any:
		for i, e := range x {
			x[i] = ownedValue(e)
		}
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[strings.Clone(k)] = ownedValue(e)
		}
		return out
	}
	return v
}
