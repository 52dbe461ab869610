package python

import "strings"

// Scope is where a statement stands. The bodies of if, try, with, for and while belong to the scope around them.
type Scope uint8

// The scopes.
const (
	ModuleScope Scope = iota
	ClassScope
	FunctionScope
)

// Guard says under which condition a statement of its scope runs. Where several apply, the last in this list counts.
type Guard uint8

// The guards.
const (
	Always        Guard = iota // also the body of try, and of with
	Conditionally              // the body of if, for, while or case
	Otherwise                  // elif, else, or except: what stands in for something else
	WhenChecking               // below `if TYPE_CHECKING:`
	WhenMain                   // below `if __name__ == "__main__":`
)

// Module is what a file declares, each kind in source order. Imports, functions and classes are those of any depth; assignments are
// those of module and class bodies.
//
// Where something stands is an offset in bytes, as in go/token: [Module.Position] gives its line and column to who wants to tell people.
type Module struct {
	Source      string // in UTF-8, each line ended by \n; all texts and names here are parts of it where they can be
	Doc         string
	HasDoc      bool
	Imports     []Import
	Functions   []Function
	Classes     []Class
	Assignments []Assignment

	known *contents // by names, once asked for
}

// Position gives line and column, from 1, of an offset in the source; columns count characters.
func (m *Module) Position(offset int) (line, column int) { return place(m.Source, offset) }

// Line gives the line, from 1, of an offset in the source.
func (m *Module) Line(offset int) int {
	return 1 + strings.Count(m.Source[:min(offset, len(m.Source))], "\n")
}

// Import is one name that an import statement binds: `import m as a` has no Name, `from m import *` the Name "*".
type Import struct {
	Start    int // of the statement
	Scope    Scope
	Guard    Guard
	Spared   bool // the module may be missing: a try that catches ImportError, or suppress(ImportError), is around it
	Level    int  // leading dots
	Module   string
	Name, As string
}

// Bound gives the name that the import binds: m for `import m.n`. A star import binds "*".
func (i Import) Bound() string {
	switch {
	case i.As != "":
		return i.As
	case i.Name != "":
		return i.Name
	default:
		return headOf(i.Module)
	}
}

// Function is a def. QualifiedName joins the enclosing names by dots, as __qualname__ does without its <locals>.
type Function struct {
	Name, QualifiedName string
	Scope               Scope
	Guard               Guard
	Async               bool
	Start, End          int // of the word def or async, and behind the body
	Decorators          []Expr
	Parameters          []Parameter
	Returns             Expr
	Doc                 string // as evaluated, not cleaned
	HasDoc              bool
	Body                string // the source of the body, from behind the colon
}

// Class is a class. Bases are the arguments in its parentheses, keywords included.
type Class struct {
	Name, QualifiedName string
	Scope               Scope
	Guard               Guard
	Start, End          int // of the word class, and behind the body
	Decorators          []Expr
	Bases               []Expr
	Doc                 string
	HasDoc              bool
}

// ParameterKind is the way a parameter takes its argument.
type ParameterKind uint8

// The kinds, in the order in which a signature has them.
const (
	PositionalOnly ParameterKind = iota
	PositionalOrKeyword
	VarPositional
	KeywordOnly
	VarKeyword
)

// Parameter is one parameter of a def.
type Parameter struct {
	Name       string
	Kind       ParameterKind
	Start      int
	Annotation Expr
	Default    Expr
}

// Assignment binds a simple name in the body of a module or class. Owner is the qualified name of that class.
//
// Value is absent where the statement only annotates, and where the name is bound to something that has no expression of its own: in
// an unpacking, a loop, an augmented assignment, `with … as`, `except … as`, `del`, or through `global` in a function.
type Assignment struct {
	Start      int
	Scope      Scope
	Guard      Guard
	TypeAlias  bool // of a `type` statement, whose value is not evaluated before it is used
	Owner      string
	Target     string
	Annotation Expr
	Value      Expr
}

// Expr is an expression as the source has it: its text and its offset in bytes. The text may span lines; then it stands in brackets. The
// zero value means that there is none.
type Expr struct {
	Text  string
	Start int
}

// Absent tells whether there is no expression.
func (e Expr) Absent() bool { return e.Text == "" }

// End is the offset behind the expression.
func (e Expr) End() int { return e.Start + len(e.Text) }

// Node parses the expression. The error is a *SyntaxError; for an Expr out of a [Module] there is none.
func (e Expr) Node() (Node, error) { return parseExpression(e.Text) }
