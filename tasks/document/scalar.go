package document

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"go.yaml.in/yaml/v3"
)

// YAML 1.1's own forms (Prefect: yaml.safe_load). Where today's YAML reads a number and these don't fit, Prefect has the text: 1e3 without
// point or sign, 0o17, 08.
var (
	oldTruth    = pattern.New(`^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$`)
	sixty       = pattern.New(`^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$`)
	fraction    = pattern.New(`^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$`)
	sixtyParted = pattern.New(`^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$`)
	noNumber    = pattern.New(`^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$`)
)

// Older reads a bare value as YAML 1.1, which Prefect has, where today's YAML or the library that reads it differs: yes, no, on and off
// are truth values, 1:30 is 90, and whole numbers keep every digit. Numbers are int, float64, or json.Number where 64 bits are too few.
func Older(n *yaml.Node) (any, bool) {
	number := n.Tag == "!!float" || n.Tag == "!!int"
	if n.Kind != yaml.ScalarNode || !number && n.Tag != "!!str" {
		return nil, false
	}
	plain := strings.ReplaceAll(n.Value, "_", "")
	switch {
	case oldTruth.MatchString(n.Value):
		return Truth(n.Value)
	case sixty.MatchString(n.Value):
		return Number(sexagesimal(plain)), true
	case sixtyParted.MatchString(n.Value):
		return sexagesimalFraction(plain), true
	case fraction.MatchString(n.Value):
		f, _ := strconv.ParseFloat(plain, 64) // infinite when it is too large
		return f, true
	case noNumber.MatchString(n.Value):
		return math.Inf(1), true
	}
	if i, ok := Whole(n.Value); ok {
		return Number(i), true
	}
	return n.Value, number
}

// sexagesimal reads 1:30:00 as 5400.
func sexagesimal(s string) *big.Int {
	total := new(big.Int)
	for part := range strings.SplitSeq(strings.TrimLeft(s, "+-"), ":") {
		digits, _ := new(big.Int).SetString(part, 10)
		total.Add(total.Mul(total, big.NewInt(60)), digits)
	}
	if s[0] == '-' {
		total.Neg(total)
	}
	return total
}

// sexagesimalFraction reads 1:30.5 as 90.5.
func sexagesimalFraction(s string) float64 {
	total := 0.0
	for part := range strings.SplitSeq(strings.TrimLeft(s, "+-"), ":") {
		digits, _ := strconv.ParseFloat(part, 64)
		total = 60*total + digits
	}
	if s[0] == '-' {
		return -total
	}
	return total
}

// WholeText reads a text as pydantic does where it wants a whole number: blanks around it, single underscores and a fraction of zeros are
// taken.
func WholeText(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if !wholeWords.MatchString(s) {
		return 0, false
	}
	s, _, _ = strings.Cut(s, ".")
	i, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
	return i, err == nil
}

var wholeWords = pattern.New(`^[-+]?[0-9]+(?:_[0-9]+)*(?:\.0+)?$`)

// Truth reads the words that pydantic takes for truth values.
func Truth(s string) (value, ok bool) {
	switch strings.ToLower(s) {
	case "true", "t", "yes", "y", "on", "1":
		return true, true
	case "false", "f", "no", "n", "off", "0":
		return false, true
	default:
		return false, false
	}
}

// OldTruth tells whether a text is a truth value for YAML 1.1 alone, such as yes.
func OldTruth(text string) bool { return oldTruth.MatchString(text) }

// wholeNumber is a whole number as YAML 1.1 and 1.2 write it in common: decimal, hexadecimal, binary, and octal with a 0 in front.
var wholeNumber = pattern.New(`^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$`)

// Whole gives the whole number that a text without quotes stands for, however large it is, and false when it stands for none. The YAML
// library makes a fraction or a text of what 64 bits can't hold, so that another number than the one in the file would be used.
func Whole(text string) (*big.Int, bool) {
	if !wholeNumber.MatchString(text) {
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

// overflow is a fraction whose exponent may be too large for any computer.
var overflow = pattern.New(`^[-+]?[0-9][0-9_]*\.?[0-9_]*[eE]\+?[0-9]{3,}$`)

// ErrNoJSON is said of numbers that JSON can't carry.
var ErrNoJSON = errors.New("no number of JSON")

// Plain reads a single value by today's YAML, as encoding/json would decode it, but whole numbers as int, or as json.Number where an int can't
// hold them. Dates stay text, as JSON has none.
func Plain(n *yaml.Node) (any, error) {
	bare := n.Style == 0
	switch whole, is := Whole(n.Value); {
	case n.Tag == Null:
		return nil, nil //nolint:nilnil // a null is a value
	case is && (n.Tag == "!!int" || bare):
		return Number(whole), nil
	case n.Tag == "!!str" || n.Tag == "!!timestamp":
		return plainText(n.Value, bare)
	}
	var v any
	err := n.Decode(&v)
	if f, ok := v.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return nil, ErrNoJSON
	}
	return v, err
}

// plainText gives a text, and the number that a text without quotes is when only the YAML library could not hold it.
func plainText(text string, bare bool) (any, error) {
	if i, ok := new(big.Int).SetString(text, 0); ok && bare && strings.Contains(text, "0o") { // as YAML 1.2 writes octal
		return Number(i), nil
	}
	if bare && overflow.MatchString(text) {
		return nil, ErrNoJSON
	}
	return text, nil
}
