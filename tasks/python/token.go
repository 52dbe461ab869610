package python

// kind tells what a token is. Each reserved word and each operator is a kind of its own, so that the grammar compares numbers.
type kind uint8

const (
	end     kind = iota
	broken       // where the tokenizer gave up
	newline      // the end of a logical line
	indent
	dedent
	name
	number
	text    // a string literal with its prefix
	data    // a bytes literal with its prefix
	fOpen   // prefix and opening quote of an f-string
	tOpen   // the same of a t-string
	fClose  // closing quote of an f-string or t-string
	field   // { of a replacement field
	strange // a character that no token starts with

	wordFalse
	wordNone
	wordTrue
	wordAnd
	wordAs
	wordAssert
	wordAsync
	wordAwait
	wordBreak
	wordClass
	wordContinue
	wordDef
	wordDel
	wordElif
	wordElse
	wordExcept
	wordFinally
	wordFor
	wordFrom
	wordGlobal
	wordIf
	wordImport
	wordIn
	wordIs
	wordLambda
	wordNonlocal
	wordNot
	wordOr
	wordPass
	wordRaise
	wordReturn
	wordTry
	wordWhile
	wordWith
	wordYield

	leftParen
	rightParen
	leftBracket
	rightBracket
	leftBrace
	rightBrace
	comma
	colon
	semicolon
	dot
	ellipsis
	arrow  // ->
	walrus // :=
	assign // =
	augmented
	bang // ! in front of a field's conversion
	at
	star
	doubleStar
	plus
	minus
	tilde
	arithmetic // / // % & | ^ << >>
	comparison // == != < > <= >=

	kinds
)

// soft marks names that are words of the grammar in some places only.
type soft uint8

const (
	softMatch soft = iota + 1
	softCase
	softType
	softUnderscore
	softPrint // not of the grammar, but CPython has a word for those who leave out its parentheses
)

// token is a piece of source: its kind and its span in bytes.
type token struct {
	kind       kind
	soft       soft
	start, end int32
}

// leads has the letters that a word starts with.
//
//nolint:gochecknoglobals // a table, never written to
var leads = [256]bool{
	'F': true, 'N': true, 'T': true, '_': true, 'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true, 'g': true, 'i': true, 'l': true,
	'm': true, 'n': true, 'o': true, 'p': true, 'r': true, 't': true, 'w': true, 'y': true,
}

// word gives the kind of a name in ASCII letters.
//
//nolint:funlen // a table; a switch finds a word in a third of a map's time
func word(s []byte) (kind, soft) {
	switch string(s) {
	case "False":
		return wordFalse, 0
	case "None":
		return wordNone, 0
	case "True":
		return wordTrue, 0
	case "and":
		return wordAnd, 0
	case "as":
		return wordAs, 0
	case "assert":
		return wordAssert, 0
	case "async":
		return wordAsync, 0
	case "await":
		return wordAwait, 0
	case "break":
		return wordBreak, 0
	case "class":
		return wordClass, 0
	case "continue":
		return wordContinue, 0
	case "def":
		return wordDef, 0
	case "del":
		return wordDel, 0
	case "elif":
		return wordElif, 0
	case "else":
		return wordElse, 0
	case "except":
		return wordExcept, 0
	case "finally":
		return wordFinally, 0
	case "for":
		return wordFor, 0
	case "from":
		return wordFrom, 0
	case "global":
		return wordGlobal, 0
	case "if":
		return wordIf, 0
	case "import":
		return wordImport, 0
	case "in":
		return wordIn, 0
	case "is":
		return wordIs, 0
	case "lambda":
		return wordLambda, 0
	case "nonlocal":
		return wordNonlocal, 0
	case "not":
		return wordNot, 0
	case "or":
		return wordOr, 0
	case "pass":
		return wordPass, 0
	case "raise":
		return wordRaise, 0
	case "return":
		return wordReturn, 0
	case "try":
		return wordTry, 0
	case "while":
		return wordWhile, 0
	case "with":
		return wordWith, 0
	case "yield":
		return wordYield, 0
	case "match":
		return name, softMatch
	case "case":
		return name, softCase
	case "type":
		return name, softType
	case "_":
		return name, softUnderscore
	case "print", "exec":
		return name, softPrint
	default:
		return name, 0
	}
}
