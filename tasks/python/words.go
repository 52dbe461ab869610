package python

// spelledToken is a word of the grammar: its letters as a number, the first in the lowest bits.
type spelledToken struct {
	letters uint64
	kind    kind
	soft    softKeyword
}

// scatter is a factor that gives each word a place of its own among 128. A word more needs another factor, which a few hundred random ones hold.
const scatter = 0xe21e51f0c9198a11

func scattered(letters uint64) uint64 { return letters * scatter >> 57 }

// words are the words of the grammar, each at its place: none is longer than eight letters, so that finding one takes a multiplication and one
// comparison, where a switch took a tenth of the tokenizer's time.
//
//nolint:gochecknoglobals // a table, never written to
var words = func() (table [128]spelledToken) {
	for s, k := range map[string]kind{
		"False": wordFalse, "None": wordNone, "True": wordTrue, "and": wordAnd, "as": wordAs, "assert": wordAssert, "async": wordAsync,
		"await": wordAwait, "break": wordBreak, "class": wordClass, "continue": wordContinue, "def": wordDef, "del": wordDel,
		"elif": wordElif, "else": wordElse, "except": wordExcept, "finally": wordFinally, "for": wordFor, "from": wordFrom,
		"global": wordGlobal, "if": wordIf, "import": wordImport, "in": wordIn, "is": wordIs, "lambda": wordLambda,
		"nonlocal": wordNonlocal, "not": wordNot, "or": wordOr, "pass": wordPass, "raise": wordRaise, "return": wordReturn,
		"try": wordTry, "while": wordWhile, "with": wordWith, "yield": wordYield,
	} {
		table[scattered(lettersOf([]byte(s)))] = spelledToken{lettersOf([]byte(s)), k, 0}
	}
	for s, soft := range map[string]softKeyword{
		"match": softMatch, "case": softCase, "type": softType, "_": softUnderscore, "print": softPrint, "exec": softPrint,
	} {
		table[scattered(lettersOf([]byte(s)))] = spelledToken{lettersOf([]byte(s)), nameToken, soft}
	}
	return table
}()

// lettersOf gives a word of at most eight letters as a number.
func lettersOf(s []byte) (x uint64) {
	for i := range s {
		x |= uint64(s[i]) << (8 * i)
	}
	return x
}

// keywordOf gives the kind of a name of at most eight letters.
func keywordOf(letters uint64) (kind, softKeyword) {
	if w := &words[scattered(letters)]; w.letters == letters {
		return w.kind, w.soft
	}
	return nameToken, 0
}
