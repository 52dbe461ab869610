package python

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// What looks at eight bytes at once finds the same as a look at each of them.
func TestLanes(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const alphabet = "aaaaaazZ__09    \t\n\r\x00@[`{/:\\'\"#\x7f\x80\xe9\xff"
	for range 100_000 {
		text := make([]byte, lane)
		for i := range text {
			text[i] = alphabet[random.IntN(len(alphabet))]
		}
		x := binary.LittleEndian.Uint64(text)
		check := func(name string, marks uint64, wanted func(c byte) bool) {
			want := slices.IndexFunc(text, wanted)
			if want < 0 {
				want = lane
			}
			if got := marked(marks); got != want {
				t.Fatalf("%s of %q is at %d, want %d", name, text, got, want)
			}
		}
		check("outside", outside(x), func(c byte) bool { return !inNames[c] })
		check("equal", equal(x, '\\'), func(c byte) bool { return c == '\\' })
		check("unequal", unequal(x, ' '), func(c byte) bool { return c != ' ' })
	}
}

func TestPlain(t *testing.T) {
	for size := range 80 {
		for _, c := range []byte{0, '\r', 0x80, 0xff, '\n', '\t', 0x7f, 1} {
			text := []byte(strings.Repeat("a", size) + "b" + strings.Repeat("c", size%7))
			text[size] = c
			want := c < utf8.RuneSelf && !bytes.ContainsAny(text, "\x00\r")
			if got := isPlain(text); got != want {
				t.Errorf("plain(%q) = %t, want %t", text, got, want)
			}
		}
	}
}

// Each word of the grammar has a place of its own in the table, and no other name is one.
func TestWords(t *testing.T) {
	want := map[string]sourceToken{
		"False": {kind: wordFalse}, "None": {kind: wordNone}, "True": {kind: wordTrue}, "and": {kind: wordAnd}, "as": {kind: wordAs},
		"assert": {kind: wordAssert}, "async": {kind: wordAsync}, "await": {kind: wordAwait}, "break": {kind: wordBreak}, "class": {kind: wordClass},
		"continue": {kind: wordContinue}, "def": {kind: wordDef}, "del": {kind: wordDel}, "elif": {kind: wordElif}, "else": {kind: wordElse},
		"except": {kind: wordExcept}, "finally": {kind: wordFinally}, "for": {kind: wordFor}, "from": {kind: wordFrom}, "global": {kind: wordGlobal},
		"if": {kind: wordIf}, "import": {kind: wordImport}, "in": {kind: wordIn}, "is": {kind: wordIs}, "lambda": {kind: wordLambda},
		"nonlocal": {kind: wordNonlocal}, "not": {kind: wordNot}, "or": {kind: wordOr}, "pass": {kind: wordPass}, "raise": {kind: wordRaise},
		"return": {kind: wordReturn}, "try": {kind: wordTry}, "while": {kind: wordWhile}, "with": {kind: wordWith}, "yield": {kind: wordYield},
		"match": {kind: nameToken, soft: softMatch}, "case": {kind: nameToken, soft: softCase}, "type": {kind: nameToken, soft: softType},
		"_": {kind: nameToken, soft: softUnderscore}, "print": {kind: nameToken, soft: softPrint}, "exec": {kind: nameToken, soft: softPrint},
		"i": {kind: nameToken}, "iff": {kind: nameToken}, "continua": {kind: nameToken}, "If": {kind: nameToken}, "none": {kind: nameToken}, "nonlocals": {kind: nameToken},
	}
	for s, w := range want {
		var tokens tokenizer
		if stop := tokens.run([]byte(s + " is a word of some length")); stop != nil {
			t.Fatalf("%s: %v", s, stop.message)
		}
		if got := tokens.tokens[0]; got.kind != w.kind || got.soft != w.soft || int(got.end) != len(s) {
			t.Errorf("%s is %+v, want %+v", s, got, w)
		}
		tokens.run([]byte(s)) // too short for eight bytes at once
		if got := tokens.tokens[0]; got.kind != w.kind || got.soft != w.soft {
			t.Errorf("%s alone is %+v, want %+v", s, got, w)
		}
	}
}
