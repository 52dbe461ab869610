// Package python reads Python source without running it. It knows nothing of Prefect.
//
// Start with [Parse], which gives a [Module]: imports, functions, classes and assignments with their places. [Check] only tells whether
// a source is Python; a [Reader] does both for many files with the same buffers.
//
// # How it reads
//
// A source goes through decode.go (byte order mark, declared encoding, line ends), tokenize.go (all tokens at once, into a slice that is
// kept; margins.go reads the starts of lines, inline.go what nearly all tokens are, lanes.go looks at eight bytes at once), and the grammar
// (parser.go, statements.go, expressions.go …), a recursive descent without a tree. The grammar is that of Python 3.14 and a superset of 3.9
// to 3.14: what any of them accepts is accepted. What it refuses is a [SyntaxError] with the line and, nearly always, the column and the
// words of CPython's own. "Syntax error" means what ast.parse reports: a return outside of a function, say, is found by Python's compiler
// only, and not here.
//
// The declarations are collected on the way (collect.go). An [Expr] in them is a range of the source; [Expr.Node] makes a small
// tree of it on demand (tree.go), and [Literal] gives the value of a literal.
//
// # What a module declares
//
// Imports, functions and classes are listed at every depth, with their scope and qualified name; assignments are those of module and class
// bodies, so that the fields of a class are the assignments whose Owner it is. Annotations, defaults, decorators, bases and values are [Expr]s:
// text, offset, line and column; Node gives their tree. Docstrings are evaluated; [CleanDoc] takes off their indentation. A [Guard]
// tells whether a statement runs always, under a condition, or for type checkers only.
//
// # What a name means
//
// [Module.Binding] gives the statement that binds a name in one module. [Library] knows all modules of a tree: [Library.Resolve] follows a dotted
// name from a [Place] through imports, re-exports and rebinding, and gives an [Origin]: the function, class or assignment in the tree, or the
// full name of what is outside, such as typing.Optional or pydantic.BaseModel. A name in an annotation is resolved at the place of its def;
// one inside of a class that is found this way at the place of the class, with its file. [Library.Constant] gives the value of an expression
// that is made of constants. [Library.Rivals] tells where a name leads if another branch runs. [Uses] gives the names in a function's body, and [Module.Block]
// its statements, with nodes for all that package trace evaluates.
//
//	at := python.Place{File: f.Definition.File, Script: f.Dir(), Offset: f.Definition.Start}
//	origin, ok := library.Resolve(at, "models.Order")
//	// origin.Class is the class, origin.File its file; its fields are those of origin.Module.Assignments
//	// whose Owner is origin.Class.QualifiedName.
//
// # Limits
//
// Sources up to 16 MiB. Brackets nest 200 deep and blocks 100, as in CPython; signs, lambdas and conditional expressions 1,000. The names
// in \N{…} are not looked up.
//
// # The safety net
//
// differential_test.go compares whole standard libraries with CPython's ast, mutants_test.go compares verdicts on broken statements,
// testdata/snippets holds the corners of the grammar with every Python's verdict. Who changes the grammar runs them with FLOWMAGE_SOAK=1.
package python
