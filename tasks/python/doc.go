// Package python reads Python source without running it. It knows nothing of Prefect.
//
// Start with [Parse], which gives a [Module]: imports, functions, classes and assignments with their places. [Check] only tells whether
// a source is Python; a [Reader] does both for many files with the same buffers.
//
// # How it reads
//
// A source goes through decode.go (byte order mark, declared encoding, line ends), tokenize.go (all tokens at once, into a slice that is
// kept), and the grammar (parser.go, statements.go, expressions.go …), a recursive descent without a tree. The grammar is that of Python
// 3.14 and a superset of 3.9 to 3.14: what any of them accepts is accepted. What it refuses is a [SyntaxError] with the line and, nearly
// always, the column and the words of CPython's own. "Syntax error" means what ast.parse reports: a return outside of a function,
// say, is found by Python's compiler only, and not here.
//
// The declarations are collected on the way (collect.go). An [Expr] in them is a range of the source; [Expr.Node] makes a small
// tree of it on demand (tree.go), and [Literal] gives the value of a literal.
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
