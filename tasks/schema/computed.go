package schema

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/distribution"
	"github.com/flowmage/flowmage/tasks/python"
)

// undefaulted says that a parameter has its type, and a default that nobody knows.
type undefaulted struct{ reason error }

func (u undefaulted) Error() string { return u.reason.Error() }

// valued tells whether an expression gives a value, whichever it is, and surely not one of pydantic's fields, which would have a say in the type: what
// Python's own library gives, such as int(os.environ.get("LIMIT", "5")), and what operators make of that.
func (r *Reader) valued(at python.Place, n python.Node, depth int) bool {
	if depth > deepest {
		return false
	}
	all := func(nodes ...python.Node) bool {
		for _, n := range nodes {
			if !r.valued(at, n, depth+1) {
				return false
			}
		}
		return true
	}
	switch x := n.(type) {
	case *python.Constant, *python.JoinedString, *python.Not, *python.Comparison, *python.List, *python.Tuple, *python.Set, *python.Dict:
		return true
	case *python.Unary:
		return all(x.Operand)
	case *python.Binary:
		return all(x.Left, x.Right)
	case *python.Logical:
		return all(x.Operands...)
	case *python.Conditional:
		return all(x.Then, x.Else)
	case *python.Subscript:
		return r.standard(at, x.Value)
	case *python.Call:
		if method, ok := x.Func.(*python.Attribute); ok && all(method.Value) { // of a text, say
			return true
		}
		return r.standard(at, x.Func)
	case *python.Name, *python.Attribute:
		dotted, _ := python.Dotted(n)
		o, err := r.resolve(scope{Place: at}, dotted)
		if err != nil || o.Assignment == nil || !o.Only || o.Rest != "" {
			return false
		}
		n, err := o.Assignment.Value.Whole()
		return err == nil && r.valued(python.Place{File: o.File, Script: at.Script, Owner: o.Assignment.Owner, Offset: o.Assignment.Start}, n, depth+1)
	default:
		return false
	}
}

// standard tells whether a name is one of Python's own library.
func (r *Reader) standard(at python.Place, n python.Node) bool {
	dotted, ok := python.Dotted(n)
	if !ok {
		return false
	}
	o, err := r.resolve(scope{Place: at}, dotted)
	if err != nil || o.name == "" {
		return false
	}
	name, is := strings.CutPrefix(o.name, "builtins.")
	if is {
		return name != "getattr" && name != "eval" && name != "next" && name != "globals" && name != "vars" && name != "locals"
	}
	module := head(o.name)
	return distribution.Standard("", module) && module != "copy" && module != "functools" && module != "dataclasses"
}
