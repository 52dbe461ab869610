package schema

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

const firstVersion = "pydantic.v1."

// old tells whether a type, or a type right inside of it, comes from pydantic's first version.
func old(f form) bool {
	if f.kind == external && strings.HasPrefix(f.name, firstVersion) {
		return true
	}
	if f.kind == ownClass && slices.ContainsFunc(f.class.roots, func(s string) bool { return strings.HasPrefix(s, firstVersion) }) {
		return true
	}
	return slices.ContainsFunc(f.args, old)
}

// doubtful tells whether a type, or one inside of it, is a class that can't be told from the source.
func doubtful(f form) bool {
	return f.kind == ownClass && f.class.kind == otherClass || slices.ContainsFunc(f.args, doubtful)
}

// maybeOld tells whether a type that is not known may come from pydantic's first version, by one of two imports, say.
func (r *Reader) maybeOld(at python.Place, e python.Expr, depth int) bool {
	if depth > deepest/4 {
		return false
	}
	return slices.ContainsFunc(python.Uses(strings.Trim(e.Text, `"'`)), func(name string) bool {
		o, ok := r.library.Resolve(at, name)
		return ok && slices.ContainsFunc(append([]python.Origin{o}, r.library.Rivals(o)...), func(o python.Origin) bool {
			here := python.Place{File: o.File, Script: at.Script}
			switch {
			case o.Outside:
				return strings.HasPrefix(o.Name, firstVersion)
			case o.Class != nil:
				here.Offset = o.Class.Start
				return slices.ContainsFunc(o.Class.Bases, func(e python.Expr) bool { return r.maybeOld(here, e, depth+1) })
			case o.Assignment != nil:
				here.Offset = o.Assignment.Start
				return r.maybeOld(here, o.Assignment.Value, depth+1)
			default:
				return false
			}
		})
	})
}
