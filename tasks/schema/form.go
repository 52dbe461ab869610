package schema

import (
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/python"
)

// form is a type as Python's typing module understands an annotation, before pydantic has a say.
type form struct {
	kind formKind
	// name is the full name of an external type, such as builtins.list, or the text of a forward reference.
	name string
	// spelled is typing's own name for an external type, such as List: the titles of generic types show it.
	spelled string
	args    []form
	// renamed tells that NewType has made it: the title of a generic type shows just that.
	renamed bool
	// subscripted tells `tuple[()]` from `tuple`.
	subscripted bool
	class       *class
	values      []value // of a Literal
	notes       []note  // of an Annotated
	place       python.Place
	variable    *variable
}

type formKind int

const (
	external formKind = iota // a type of Python's library or of pydantic
	ownClass                 // a class of the repository
	union
	literal
	annotated
	typeVar
	forward // a name in quotes that is left to pydantic, inside of another type
	nothing // None
	ellipsis
	instance // an object that is no type; pydantic finds it out
)

// variable is a TypeVar.
type variable struct {
	name        string
	bound       *form
	constraints []form
}

// eachOf gives what comes of the parts of a list, up to the first error.
func eachOf[T, U any](list []T, of func(T) (U, error)) ([]U, error) {
	out := make([]U, 0, len(list))
	for _, x := range list {
		y, err := of(x)
		if err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, nil
}

// distinct keeps the first of those that have one key.
func distinct[T any, K comparable](list []T, key func(T) K) []T {
	seen := make(map[K]bool, len(list))
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool {
		k := key(x)
		again := seen[k]
		seen[k] = true
		return again
	})
}

// unknown is why something can't be told from the source.
type unknown struct{ reason string }

func (u *unknown) Error() string { return u.reason }

func unknownf(format string, args ...any) error { return &unknown{fmt.Sprintf(format, args...)} }

// refused is a type that pydantic finds no schema for; Prefect then takes any value.
type refused struct {
	// built tells that pydantic knows the type and only can't describe it: a union goes on without such a member. inside tells that the
	// type stands in a class.
	built, inside bool
}

func (refused) Error() string { return "pydantic has no schema for the type" }

// unbound is a name that nothing binds when the code runs.
type unbound struct{ name string }

func (u *unbound) Error() string {
	return fmt.Sprintf("the name %s is not defined when the code runs", u.name)
}
