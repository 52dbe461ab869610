package misfit

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// keyword is what a schema may say. One that decides leaves nothing to say for those behind it.
type keyword struct {
	name    string
	decides bool
	judge   func(j *judge, a at, says any) []Misfit
}

// unknown are the keywords that may refuse a value, or change what others mean, and are not judged by: nothing that pydantic writes has them.
var unknown = []string{"$anchor", "$dynamicRef", "$id", "contains", "unevaluatedItems", "unevaluatedProperties"} //nolint:gochecknoglobals // a constant list

// known are the keywords that are judged by, in the library's order.
var known = []keyword{ //nolint:gochecknoglobals // a constant table
	{"type", true, (*judge).kind}, {"const", true, (*judge).same}, {"enum", true, (*judge).oneOfValues}, {"$ref", false, (*judge).ref},
	{"minProperties", false, size(members, func(n, want int) said { return less(n, want, &kind.MinProperties{Got: n, Want: want}) })},
	{"maxProperties", false, size(members, func(n, want int) said { return less(want, n, &kind.MaxProperties{Got: n, Want: want}) })},
	{"required", false, (*judge).required}, {"properties", false, (*judge).properties},
	{"patternProperties", false, (*judge).patternProperties}, {"additionalProperties", false, (*judge).additionalProperties},
	{"propertyNames", false, (*judge).propertyNames}, {"dependentSchemas", false, (*judge).dependentSchemas},
	{"dependentRequired", false, (*judge).dependentRequired},
	{"minItems", false, size(items, func(n, want int) said { return less(n, want, &kind.MinItems{Got: n, Want: want}) })},
	{"maxItems", false, size(items, func(n, want int) said { return less(want, n, &kind.MaxItems{Got: n, Want: want}) })},
	{"uniqueItems", false, (*judge).uniqueItems}, {"prefixItems", false, (*judge).prefixItems}, {"items", false, (*judge).items},
	{"minLength", false, size(letters, func(n, want int) said { return less(n, want, &kind.MinLength{Got: n, Want: want}) })},
	{"maxLength", false, size(letters, func(n, want int) said { return less(want, n, &kind.MaxLength{Got: n, Want: want}) })},
	{"pattern", false, (*judge).pattern},
	{"minimum", false, bound(minimum)}, {"maximum", false, bound(maximum)}, {"exclusiveMinimum", false, bound(exclusiveMinimum)},
	{"exclusiveMaximum", false, bound(exclusiveMaximum)}, {"multipleOf", false, bound(multipleOf)},
	{"not", false, (*judge).not}, {"allOf", false, (*judge).allOf}, {"anyOf", false, (*judge).anyOf}, {"oneOf", false, (*judge).oneOf},
	{"if", false, (*judge).condition},
}

// types has the names that a type may have, in the order in which they are told.
var types = []string{"null", "boolean", "number", "integer", "string", "array", "object"} //nolint:gochecknoglobals // a constant list

func (j *judge) kind(a at, says any) []Misfit {
	list, is := says.([]any)
	if !is {
		list = []any{says}
	}
	got := typeOf(a.value)
	for _, t := range list {
		if name, _ := t.(string); !slices.Contains(types, name) {
			j.giveUp("type", says)
			return nil
		}
		if t == got || t == "integer" && isInteger(a.value) {
			return nil
		}
	}
	var want []string
	for _, t := range types {
		if slices.Contains(list, any(t)) {
			want = append(want, t)
		}
	}
	return a.wrong(&kind.Type{Got: got, Want: want})
}

func (j *judge) same(a at, says any) []Misfit {
	if equal(a.value, says) {
		return nil
	}
	return a.wrong(&kind.Const{Got: a.value, Want: says})
}

func (j *judge) oneOfValues(a at, says any) []Misfit {
	list := j.list("enum", says)
	if slices.ContainsFunc(list, func(e any) bool { return equal(a.value, e) }) {
		return nil
	}
	return a.wrong(&kind.Enum{Got: a.value, Want: list})
}

func (j *judge) uniqueItems(a at, says any) []Misfit {
	list, _ := a.value.([]any)
	if says != true {
		return nil
	}
	seen := make(map[string]int, len(list))
	for second, v := range list {
		word := meaning(v)
		if first, again := seen[word]; again {
			return a.wrong(&kind.UniqueItems{Duplicates: [2]int{first, second}})
		}
		seen[word] = second
	}
	return nil
}

func (j *judge) prefixItems(a at, says any) (found []Misfit) {
	list, _ := a.value.([]any)
	for i, schema := range j.list("prefixItems", says) {
		if i < len(list) {
			found = append(found, j.member(schema, list[i], a.path, strconv.Itoa(i))...)
		}
	}
	return found
}

func (j *judge) items(a at, says any) (found []Misfit) {
	list, _ := a.value.([]any)
	first, _ := a.schema["prefixItems"].([]any)
	for i := len(first); i < len(list); i++ {
		found = append(found, j.member(says, list[i], a.path, strconv.Itoa(i))...)
	}
	return found
}

func (j *judge) pattern(a at, says any) []Misfit {
	text, is := a.value.(string)
	expression := j.expression(says)
	if !is || expression == nil || expression.MatchString(text) {
		return nil
	}
	return a.wrong(&kind.Pattern{Got: text, Want: expression.String()})
}

// expression compiles what a schema says; nil if only Python understands it.
func (j *judge) expression(says any) *regexp.Regexp {
	text, is := says.(string)
	compiled, err := regexp.Compile(text)
	if !is || err != nil {
		j.giveUp("pattern", says)
		return nil
	}
	return compiled
}

// size makes a keyword that says how much of something there may be. count is negative for what is no such thing.
func size(count func(any) int, complaint func(n, want int) said) func(*judge, at, any) []Misfit {
	return func(j *judge, a at, says any) []Misfit {
		limit, _ := says.(json.Number)
		want, err := strconv.Atoi(limit.String())
		if err != nil || want < 0 {
			j.giveUp("a size", says)
			return nil
		}
		n := count(a.value)
		if n < 0 {
			return nil
		}
		if k := complaint(n, want); k != nil {
			return a.wrong(k)
		}
		return nil
	}
}

func less(n, want int, k said) said {
	if n < want {
		return k
	}
	return nil
}

func members(v any) int {
	if m, is := v.(map[string]any); is {
		return len(m)
	}
	return -1
}

func items(v any) int {
	if l, is := v.([]any); is {
		return len(l)
	}
	return -1
}

func letters(v any) int {
	if s, is := v.(string); is {
		return utf8.RuneCountInString(s)
	}
	return -1
}

// list gives what has to be a list.
func (j *judge) list(name string, says any) []any {
	list, is := says.([]any)
	if !is {
		j.giveUp(name, says)
	}
	return list
}

// mapping gives what has to be a mapping.
func (j *judge) mapping(name string, says any) map[string]any {
	m, is := says.(map[string]any)
	if !is {
		j.giveUp(name, says)
	}
	return m
}
