package requirement

import (
	"cmp"
	"strings"
)

// number is a whole number of any size, as digits without leading zeros. PEP 440 bounds none.
type number string

// zero is what stands in a version that leaves a number out.
const zero number = "0"

func numberOf(digits string) number {
	if n := number(strings.TrimLeft(digits, "0")); n != "" {
		return n
	}
	return zero
}

func (n number) compare(m number) int {
	return cmp.Or(cmp.Compare(len(n), len(m)), cmp.Compare(n, m))
}

// next gives the number that is one more.
func (n number) next() number {
	digits := []byte(n)
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return number(digits)
		}
		digits[i] = '0'
	}
	return "1" + number(digits)
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
