package requirement

import (
	"cmp"
	"slices"
	"strings"
)

// Environment says where something is to be installed: the variables of markers, as far as they are known, by name.
type Environment struct {
	Variables map[string]string
	Extras    []string // that are asked for
	Groups    []string // of dependencies
}

// Python gives the environment of CPython in a version such as 3.12, on a platform such as linux; with "" nothing is known of it.
func Python(version, platform string) Environment {
	e := Environment{Variables: map[string]string{"implementation_name": "cpython", "platform_python_implementation": "CPython"}}
	if v, ok := ParseVersion(version); ok {
		e.Variables["python_version"] = v.Release(2)
		if strings.Count(version, ".") >= 2 {
			e.Variables["python_full_version"], e.Variables["implementation_version"] = version, version
		}
	}
	switch platform {
	case "linux":
		e.add("linux", "posix", "Linux")
	case "darwin":
		e.add("darwin", "posix", "Darwin")
	case "win32":
		e.add("win32", "nt", "Windows")
	}
	return e
}

func (e Environment) add(platform, kin, system string) {
	e.Variables["sys_platform"], e.Variables["os_name"], e.Variables["platform_system"] = platform, kin, system
}

// extraName is the variable for the extra that is asked for.
const extraName = "extra"

// Truth is an answer that may be unknown.
type Truth int8

// The answers, each stronger for `or` than the one before.
const (
	No Truth = iota
	Unknown
	Yes
)

func truth(b bool) Truth {
	if b {
		return Yes
	}
	return No
}

// Holds evaluates the marker. What the environment does not say, and comparisons that mean nothing, are unknown.
func (m Marker) Holds(e Environment) Truth {
	if m.Always() {
		return Yes
	}
	out := No
	for _, group := range m.groups {
		all := Yes
		for _, t := range group {
			all = min(all, t.holds(e))
		}
		out = max(out, all)
	}
	return out
}

func (t term) holds(e Environment) Truth {
	switch {
	case t.inner != nil:
		return t.inner.Holds(e)
	case len(e.Extras) > 1 && t.left.name == extraName:
		return anyExtra(t.operator, t.right.text, e.Extras)
	case len(e.Extras) > 1 && t.right.name == extraName:
		return anyExtra(t.operator, t.left.text, e.Extras)
	case t.left.name == "" && t.right.name == "extras":
		return member(t.operator, t.left.text, e.Extras)
	case t.left.name == "" && t.right.name == "dependency_groups":
		return member(t.operator, t.left.text, e.Groups)
	}
	if t.left.name != "" {
		left, known := e.value(t.left.name)
		if !known {
			return e.vaguely(t)
		}
		return compare(t.left.name, left, t.operator, cmp.Or(t.right.name, t.right.text)) // only one side is looked up, as packaging has it
	}
	key := cmp.Or(t.right.name, t.right.text) // of two texts packaging takes the second for a variable's name
	right, known := e.value(key)
	if !known {
		return Unknown
	}
	return compare(key, t.left.text, t.operator, right)
}

// vaguely answers about the full version of a Python of which only the first two numbers are known, where any of them gives the same answer.
func (e Environment) vaguely(t term) Truth {
	short, known := e.Variables["python_version"]
	if t.left.name != "python_full_version" || t.right.name != "" || !known {
		return Unknown
	}
	s, ok := ParseSpecifier(t.operator + t.right.text)
	these, fine := ParseSet("==" + short + ".*")
	if !ok || !fine || s.Operator == "===" {
		return Unknown
	}
	switch i := s.intervals(); {
	case len(intersect(these[0].intervals(), i)) == 0:
		return No
	case slices.ContainsFunc(i, func(x interval) bool {
		f := these[0].intervals()[0]
		return x.from.compare(f.from) <= 0 && f.to.compare(x.to) <= 0
	}):
		return Yes
	default:
		return Unknown
	}
}

// value gives what a variable is.
func (e Environment) value(name string) (string, bool) {
	if name == extraName {
		return Normal(strings.Join(e.Extras, "")), true // one, or none
	}
	text, known := e.Variables[name]
	if name == "python_full_version" && strings.HasSuffix(text, "+") { // of a Python between two releases
		text += "local"
	}
	return text, known
}

// anyExtra compares with several extras at once.
func anyExtra(operator, text string, extras []string) Truth {
	switch operator {
	case "==":
		return member("in", text, extras)
	case "!=":
		return member("not in", text, extras)
	default:
		return Unknown
	}
}

func member(operator, text string, list []string) Truth {
	is := slices.ContainsFunc(list, func(x string) bool { return Normal(x) == text })
	switch operator {
	case "in":
		return truth(is)
	case "not in":
		return truth(!is)
	default:
		return Unknown
	}
}

// compare compares versions where both sides are some, else texts.
func compare(key, left, operator, right string) Truth {
	if slices.Contains([]string{"python_version", "python_full_version", "implementation_version", "platform_release"}, key) {
		if s, ok := ParseSpecifier(operator + right); ok {
			return truth(s.Takes(left))
		}
	}
	switch operator {
	case "in":
		return truth(strings.Contains(right, left))
	case "not in":
		return truth(!strings.Contains(right, left))
	case "==", "<=", ">=": // texts have no order
		return truth(left == right)
	case "!=":
		return truth(left != right)
	case "<", ">":
		return No
	default:
		return Unknown
	}
}
