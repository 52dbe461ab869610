package misfit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Plain gives a value as JSON has it, its numbers as they are written.
func Plain(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("no JSON value: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("no JSON value: %w", err)
	}
	return out, nil
}

func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case json.Number:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	default:
		return "object"
	}
}

// number gives a value as a number of any size and precision; nil if it is none.
func number(v any) *big.Rat {
	n, is := v.(json.Number)
	if !is {
		return nil
	}
	r, ok := new(big.Rat).SetString(n.String())
	if !ok {
		return nil
	}
	return r
}

func isInteger(v any) bool {
	n := number(v)
	return n != nil && n.IsInt()
}

// meaning gives texts that are the same for values that are [equal], so that a long list is compared in one go.
func meaning(v any) string {
	switch x := v.(type) {
	case map[string]any:
		words := make([]string, 0, len(x))
		for _, name := range sorted(x) {
			words = append(words, strconv.Quote(name)+":"+meaning(x[name]))
		}
		return "{" + strings.Join(words, ",") + "}"
	case []any:
		words := make([]string, 0, len(x))
		for _, e := range x {
			words = append(words, meaning(e))
		}
		return "[" + strings.Join(words, ",") + "]"
	case string:
		return strconv.Quote(x)
	default:
		if n := number(v); n != nil {
			return n.RatString()
		}
		return fmt.Sprint(v)
	}
}

// equal tells whether two values mean the same: 1 and 1.0 do.
func equal(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, is := b.(map[string]any)
		return is && maps.EqualFunc(x, y, equal)
	case []any:
		y, is := b.([]any)
		return is && slices.EqualFunc(x, y, equal)
	case json.Number:
		n, m := number(a), number(b)
		if n == nil || m == nil { // larger than anybody can count
			return a == b
		}
		return n.Cmp(m) == 0
	default:
		return typeOf(a) == typeOf(b) && a == b
	}
}

// bound makes a keyword that says how large a number may be. complaint gives nil for numbers that may be.
func bound(complaint func(got, want *big.Rat) said) func(*judge, at, any) []Misfit {
	return func(j *judge, a at, says any) []Misfit {
		want, got := number(says), number(a.value)
		if want == nil {
			j.giveUp("a bound", says)
		}
		if want == nil || got == nil {
			return nil
		}
		if k := complaint(got, want); k != nil {
			return a.wrong(k)
		}
		return nil
	}
}

func minimum(got, want *big.Rat) said {
	if got.Cmp(want) < 0 {
		return &kind.Minimum{Got: got, Want: want}
	}
	return nil
}

func maximum(got, want *big.Rat) said {
	if got.Cmp(want) > 0 {
		return &kind.Maximum{Got: got, Want: want}
	}
	return nil
}

func exclusiveMinimum(got, want *big.Rat) said {
	if got.Cmp(want) <= 0 {
		return &kind.ExclusiveMinimum{Got: got, Want: want}
	}
	return nil
}

func exclusiveMaximum(got, want *big.Rat) said {
	if got.Cmp(want) >= 0 {
		return &kind.ExclusiveMaximum{Got: got, Want: want}
	}
	return nil
}

// multipleOf takes no step for granted that is none.
func multipleOf(got, want *big.Rat) said {
	if want.Sign() > 0 && !new(big.Rat).Quo(got, want).IsInt() {
		return &kind.MultipleOf{Got: got, Want: want}
	}
	return nil
}
