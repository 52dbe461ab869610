package document

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
)

// whole is a whole number as YAML 1.1 and 1.2 write it in common: decimal, hexadecimal, binary, and octal with a 0 in front.
var whole = regexp.MustCompile(`^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$`)

// Whole gives the whole number that a text without quotes stands for, however large it is, and false when it stands for none. The YAML
// library makes a fraction or a text of what 64 bits can't hold, so that another number than the one in the file would be used.
func Whole(text string) (*big.Int, bool) {
	if !whole.MatchString(text) {
		return nil, false
	}
	return new(big.Int).SetString(strings.ReplaceAll(text, "_", ""), 0)
}

// Number gives a whole number as values of JSON have it: an int where one holds it, otherwise its digits.
func Number(i *big.Int) any {
	if i.IsInt64() {
		return int(i.Int64())
	}
	return json.Number(i.String())
}
