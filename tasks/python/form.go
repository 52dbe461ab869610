package python

// form is what an expression is, as far as the grammar asks.
type form uint8

const (
	formExpression form = iota // arithmetic, not, and, or
	formName
	formAttribute
	formSubscript
	formStarred
	formTuple
	formList
	formCall
	formLiteral
	formTrue
	formFalse
	formNone
	formEllipsis
	formJoined   // an f-string
	formTemplate // a t-string
	formDict
	formSet
	formGenerator
	formListComprehension
	formSetComprehension
	formDictComprehension
	formLambda
	formConditional
	formComparison
	formAwait
	formYield
	formNamed
)

// String gives the words of CPython's messages.
func (f form) String() string {
	return [...]string{
		"expression", "name", "attribute", "subscript", "starred", "tuple", "list", "function call", "literal", "True", "False", "None",
		"ellipsis", "f-string expression", "t-string expression", "dict literal", "set display", "generator expression", "list comprehension",
		"set comprehension", "dict comprehension", "lambda", "conditional expression", "comparison", "await expression", "yield expression",
		"named expression",
	}[f]
}

// expr is what remains of an expression that was read. It has no more than four fields, and neither has one of them: Go keeps such a struct in
// registers, where one of seven fields goes through memory on each of the many ways out of an expression (a tenth of the grammar's time).
type expr struct {
	nature
	bad   int32 // the token of the first part that can't be assigned to plus one, or 0 when all can be
	star  int32 // of a tuple or list: the token of its first starred part plus one, or 0
	first int32 // the token it starts with
}

// nature is what an expression is as a whole.
type nature struct {
	form    form
	badForm form // that of the part that can't be assigned to
	group   bool // in parentheses of its own
	flat    bool // without comparison, not, and, or: what the grammar calls a bitwise_or
}

// simple gives an expression that is no list of others.
func simple(f form, first int) expr {
	e := expr{nature: nature{form: f, flat: true}, first: int32(first)} //nolint:gosec // a token's index, smaller than its offset
	if f != formName && f != formAttribute && f != formSubscript {
		e.bad, e.badForm = e.first+1, f
	}
	return e
}

func tupleOf(first int) expr {
	return expr{nature: nature{form: formTuple}, first: int32(first)} //nolint:gosec // see simple
}

// add takes a part into a tuple or a list.
func (e *expr) add(part expr) {
	if part.form == formStarred && e.star == 0 {
		e.star = part.first + 1
	}
	if (part.form == formTuple || part.form == formList) && part.star > 0 && e.star == 0 {
		e.star = part.star
	}
	if e.bad == 0 && part.bad > 0 {
		e.bad, e.badForm = part.bad, part.badForm
	}
}
