package python

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// The functions here look at eight bytes at once, the first in the lowest bits of a number, so that the end of a name, a margin or a string is
// found without a branch a byte: the branch that ends a loop is the one that processors guess wrong. They mark a byte that they look for by its
// highest bit. Of several marks only the lowest is sure to be right.
const (
	lane    = 8 // bytes
	lowest  = 0x0101010101010101
	highest = 0x8080808080808080
)

// marked gives the number of bytes in front of the first mark; 8 without one.
func marked(x uint64) int { return bits.TrailingZeros64(x) >> 3 }

// equal marks the bytes that are c.
func equal(x uint64, c byte) uint64 {
	x ^= uint64(c) * lowest
	return (x - lowest) &^ x & highest
}

// unequal marks the bytes that are not c, which is below 0x80.
func unequal(x uint64, c byte) uint64 {
	x ^= uint64(c) * lowest
	return (x&^highest + (0x7f * lowest) | x) & highest
}

// outside marks the bytes that are no part of a name in ASCII letters. Sums don't carry into the next byte, since the highest bits are taken off.
func outside(x uint64) uint64 {
	low := x &^ highest
	small := low | 0x20*lowest
	letters := (small + (0x80-'a')*lowest) &^ (small + (0x80-'z'-1)*lowest)
	digits := (low + (0x80-'0')*lowest) &^ (low + (0x80-'9'-1)*lowest)
	underscores := highest - (low ^ '_'*lowest)
	return (^(letters | digits | underscores) | x) & highest
}

// isPlain tells whether a source is ASCII without a NUL or a carriage return, so that nothing in it has to be decoded and a column is a number of
// bytes. A byte of an ASCII text, less one, has its highest bit only when it was 0. Four numbers a round keep up with the memory.
func isPlain(src []byte) bool {
	const returns = '\r' * lowest
	found := uint64(0)
	for ; len(src) >= 4*lane; src = src[4*lane:] {
		a, b := binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint64(src[lane:])
		c, d := binary.LittleEndian.Uint64(src[2*lane:]), binary.LittleEndian.Uint64(src[3*lane:])
		found |= a | b | c | d | (a - lowest) | (b - lowest) | (c - lowest) | (d - lowest)
		found |= (a ^ returns - lowest) | (b ^ returns - lowest) | (c ^ returns - lowest) | (d ^ returns - lowest)
	}
	for _, c := range src {
		found |= uint64(c | (c - 1) | (c ^ '\r' - 1))
	}
	return found&highest == 0
}

// nameEnd gives the end of a name whose first letters end at i.
func nameEnd(src []byte, i int) int {
	for ; i <= len(src)-lane; i += lane {
		if n := marked(outside(binary.LittleEndian.Uint64(src[i:]))); n < lane {
			return i + n
		}
	}
	for i < len(src) && inNames[src[i]] {
		i++
	}
	return i
}

// lineEnd gives where the line of i ends.
func lineEnd(src []byte, i int) int {
	if n := bytes.IndexByte(src[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(src)
}

// stringEnd gives the end of the string that a quote at i opens, or 0 for one that has three quotes, a backslash, or no end on its line.
func stringEnd(src []byte, i int, quote byte) int {
	for i++; i <= len(src)-lane; i += lane {
		x := binary.LittleEndian.Uint64(src[i:])
		if m := equal(x, quote) | equal(x, '\\') | equal(x, '\n'); m != 0 {
			i += marked(m)
			if src[i] != quote || src[i-1] == quote && i+1 < len(src) && src[i+1] == quote {
				return 0
			}
			return i + 1
		}
	}
	return 0
}

// spaces counts the spaces from i on.
func spaces(src []byte, i int) int {
	n := 0
	for ; i+n <= len(src)-lane; n += lane {
		if x := unequal(binary.LittleEndian.Uint64(src[i+n:]), ' '); x != 0 {
			return n + marked(x)
		}
	}
	for i+n < len(src) && src[i+n] == ' ' {
		n++
	}
	return n
}
