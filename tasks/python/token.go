package python

// kind tells what a token is. Each reserved word and each operator is a kind of its own, so that the grammar compares numbers.
type kind uint8

const (
	endOfFile kind = iota
	broken         // where the tokenizer gave up
	newline        // the end of a logical line
	indent
	dedent
	nameToken
	number
	textToken // a string literal with its prefix
	data      // a bytes literal with its prefix
	fOpen     // prefix and opening quote of an f-string
	tOpen     // the same of a t-string
	fClose    // closing quote of an f-string or t-string
	field     // { of a replacement field
	strange   // a character that no token starts with

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
	atSign
	star
	doubleStar
	plus
	minus
	tilde
	arithmetic // / // % & | ^ << >>
	comparison // == != < > <= >=

	kinds
)

// softKeyword marks names that are words of the grammar in some places only.
type softKeyword uint8

const (
	softMatch softKeyword = iota + 1
	softCase
	softType
	softUnderscore
	softPrint // not of the grammar, but CPython has a word for those who leave out its parentheses
)

// sourceToken is a piece of source: its kind and its span in bytes.
type sourceToken struct {
	kind       kind
	soft       softKeyword
	start, end int32
}
