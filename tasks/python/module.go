// Package python reads Python source without running it: declarations, and single expressions on demand. It knows nothing of
// Prefect.
//
// Start with [Parse], which gives a [Module]: imports, functions, classes and assignments with their places. An [Expr] is source
// text; [Expr.Node] makes a small tree of it, and [Literal] evaluates what is a literal. The grammar is a superset of Python 3.9
// to 3.14; what it refuses is a [SyntaxError].
package python

import "fmt"

// SyntaxError says where a module can't be read. Line and Column count from 1, columns in characters, as CPython's
// SyntaxError.offset does.
type SyntaxError struct {
	Line, Column int
	Message      string
}

// Error gives line, column and message.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// Scope is where a statement stands. The bodies of if, try, with, for and while belong to the scope around them.
type Scope int

// The scopes.
const (
	ModuleScope Scope = iota
	ClassScope
	FunctionScope
)

// Module is what a file declares, each kind in source order and at any depth.
type Module struct {
	Doc         string
	HasDoc      bool
	Imports     []Import
	Functions   []Function
	Classes     []Class
	Assignments []Assignment
}

// Import is one name that an import statement binds: `import m as a` has no Name, `from m import *` the Name "*".
type Import struct {
	Line, Column int
	Scope        Scope
	Level        int // leading dots
	Module       string
	Name, As     string
}

// Function is a def. QualifiedName joins the enclosing names by dots, as __qualname__ does without its <locals>.
type Function struct {
	Name, QualifiedName   string
	Scope                 Scope
	Async                 bool
	Line, Column, EndLine int // of the word def or async; EndLine is the last line of the body
	Decorators            []Expr
	Parameters            []Parameter
	Returns               Expr
	Doc                   string // as evaluated, not cleaned
	HasDoc                bool
}

// Class is a class. Bases are the arguments in its parentheses, keywords included.
type Class struct {
	Name, QualifiedName   string
	Scope                 Scope
	Line, Column, EndLine int
	Decorators            []Expr
	Bases                 []Expr
	Doc                   string
	HasDoc                bool
}

// ParameterKind is the way a parameter takes its argument.
type ParameterKind int

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
	Name         string
	Kind         ParameterKind
	Line, Column int
	Annotation   Expr
	Default      Expr
}

// Assignment binds a simple name. Owner is the qualified name of the class whose body it stands in.
type Assignment struct {
	Line, Column int
	Scope        Scope
	Owner        string
	Target       string
	Annotation   Expr
	Value        Expr
}

// Expr is an expression as the source has it. The zero value means that there is none.
type Expr struct {
	Text         string
	Line, Column int
}

// Absent tells whether there is no expression.
func (e Expr) Absent() bool { return e.Text == "" }

// Node parses the expression. The error is a *SyntaxError; for an Expr out of a [Module] there is none.
func (e Expr) Node() (Node, error) { return parseExpression(e.Text) }
