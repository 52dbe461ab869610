package schema

import (
	"math"
	"math/big"
	"slices"

	"github.com/flowmage/flowmage/tasks/python"
)

// mostBits bounds the integers that are worked out.
const mostBits = 1 << 10

// computed gives what an operator makes of plain values, as Python does.
func (r *Reader) computed(at python.Place, b *python.Binary, depth int) (value, error) {
	sides, err := r.all(at, []python.Node{b.Left, b.Right}, depth)
	if err != nil {
		return value{}, err
	}
	left, right := sides[0], sides[1]
	switch {
	case left.kind == "str" && right.kind == "str" && b.Op == "+":
		s, _ := left.json.(string)
		t, _ := right.json.(string)
		if len(s)+len(t) <= 64<<10 {
			return textValue(s + t), nil
		}
	case left.kind == right.kind && (left.kind == "list" || left.kind == "tuple") && b.Op == "+":
		return listValue(left.kind, append(slices.Clip(left.items), right.items...)), nil
	case left.kind == "pathlib.Path" && right.kind == "str" && b.Op == "/":
		s, _ := left.json.(string)
		t, _ := right.json.(string)
		return pathValue([]string{s, t})
	case left.kind == "int" && right.kind == "int" && b.Op != "/":
		if n, ok := ofIntegers(b.Op, integer(left), integer(right)); ok {
			return integerValue(n), nil
		}
	case isNumber(left) && isNumber(right):
		if f, ok := ofFloats(b.Op, float(left), float(right)); ok {
			return value{json: f, kind: "float"}, nil
		}
	}
	return value{}, unknownf("it is computed")
}

func isNumber(v value) bool {
	_, isFloat := v.json.(float64)
	return v.kind == "int" || v.kind == "float" && isFloat
}

func integer(v value) *big.Int {
	switch n := v.json.(type) {
	case int64:
		return big.NewInt(n)
	case *big.Int:
		return n
	default:
		return new(big.Int)
	}
}

func integerValue(n *big.Int) value {
	if n.IsInt64() {
		return numberValue(n.Int64())
	}
	return value{json: n, kind: "int"}
}

// float gives a number as a float; an integer that none holds exactly, as no number.
func float(v value) float64 {
	if f, ok := v.json.(float64); ok {
		return f
	}
	f, accuracy := new(big.Float).SetInt(integer(v)).Float64()
	if accuracy != big.Exact {
		return math.NaN()
	}
	return f
}

func ofIntegers(op string, x, y *big.Int) (*big.Int, bool) {
	if x.BitLen() > mostBits || y.BitLen() > mostBits {
		return nil, false
	}
	out := new(big.Int)
	small := y.IsInt64() && y.Sign() >= 0 && y.Int64() <= 100
	switch op {
	case "+":
		return out.Add(x, y), true
	case "-":
		return out.Sub(x, y), true
	case "*":
		return out.Mul(x, y), true
	case "&":
		return out.And(x, y), true
	case "|":
		return out.Or(x, y), true
	case "^":
		return out.Xor(x, y), true
	case "**":
		if !small || x.BitLen() > 10 { // it would have more digits than anybody waits for
			return nil, false
		}
		return out.Exp(x, y, nil), true
	case "<<":
		return out.Lsh(x, uint(y.Uint64()&127)), small
	case ">>":
		return out.Rsh(x, uint(y.Uint64()&127)), small
	case "//", "%":
		if y.Sign() == 0 {
			return nil, false
		}
		rest := new(big.Int)
		out.QuoRem(x, y, rest)
		if rest.Sign() != 0 && rest.Sign() != y.Sign() { // Python rounds down
			out.Sub(out, big.NewInt(1))
			rest.Add(rest, y)
		}
		if op == "%" {
			return rest, true
		}
		return out, true
	}
	return nil, false
}

func ofFloats(op string, x, y float64) (float64, bool) {
	var out float64
	switch op {
	case "+":
		out = x + y
	case "-":
		out = x - y
	case "*":
		out = x * y
	case "/":
		if y == 0 {
			return 0, false
		}
		out = x / y
	default:
		return 0, false // what is the same to the last bit on every machine is not worth the while
	}
	return out, !math.IsInf(out, 0) && !math.IsNaN(out)
}
