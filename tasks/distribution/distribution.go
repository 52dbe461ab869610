// Package distribution knows names: which distribution a module comes from, what installs together with one, and which modules are Python's own.
//
// The tables lie beside the code, one name a line, and are looked into as text, so that nobody pays for them who asks nothing. `.ci/distributions` writes
// them anew and tells their sources; corrections.txt is by hand. Names of distributions are in the one spelling of [requirement.Normal].
package distribution

import (
	_ "embed" // the tables
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
)

var (
	//go:embed modules.txt
	modules string
	//go:embed requires.txt
	requires string
	//go:embed popular.txt
	popular string
	//go:embed standard.txt
	standard string
)

// row gives what stands behind a name in a table, whose lines are sorted.
func row(table, name string) (rest []string, found bool) {
	from, to := 0, len(table)
	for from < to {
		start := strings.LastIndexByte(table[:from+(to-from)/2], '\n') + 1 // of the line in the middle
		line, _, _ := strings.Cut(table[start:], "\n")
		has, more, _ := strings.Cut(line, " ")
		switch {
		case has == name:
			return strings.Fields(more), true
		case has < name:
			from = start + len(line) + 1
		default:
			to = start
		}
	}
	return nil, false
}

// Standard tells whether a module is one of Python's own library: in a version such as 3.12, or in any from 3.10 to 3.14 where that is empty or none of
// those. module is the first part of its name.
func Standard(version, module string) bool {
	if strings.ContainsAny(module, " \n") {
		return false
	}
	since, found := row(standard, module)
	switch {
	case !found:
		return strings.HasPrefix(module, "_") && slices.Contains(private(), module)
	case len(since) != 2 || !slices.Contains(versions(), version):
		return true
	default:
		at := slices.Index(versions(), version)
		return slices.Index(versions(), since[0]) <= at && at <= slices.Index(versions(), since[1])
	}
}

func versions() []string { return []string{"3.10", "3.11", "3.12", "3.13", "3.14"} }

// private are modules of the library that are imported now and then although their names begin with an underscore.
func private() []string {
	return []string{"__future__", "__main__", "_thread", "_ast", "_io", "_socket", "_weakref", "_collections_abc", "_typeshed"}
}

// Providers gives the distributions that are known to have a module, by its full name or a part of it from the left: those that the table names, else the one of
// the same name if many people install it. Of a module that is only a space of names (google, azure) nothing is known.
func Providers(module string) []string {
	if strings.ContainsAny(module, " \n") {
		return nil
	}
	for name := module; name != ""; {
		if names, found := row(modules, name); found {
			return names
		}
		dot := strings.LastIndexByte(name, '.')
		name = name[:max(dot, 0)]
	}
	top, _, _ := strings.Cut(module, ".")
	if same := requirement.Normal(top); !space(top) && Known(same) {
		return []string{same}
	}
	return nil
}

// space tells whether a first part of names is shared by distributions that have nothing else in common.
func space(top string) bool {
	return slices.Contains([]string{"google", "azure", "snowflake", "zope", "ruamel", "opentelemetry", "backports", "jaraco", "mysql", "sphinxcontrib"}, top)
}

// Modules gives the modules that a distribution is known to have; none where only its name can tell.
func Modules(name string) []string {
	var out []string
	for line := range strings.Lines(modules) {
		if !strings.Contains(line, " "+name) {
			continue
		}
		if words := strings.Fields(line); slices.Contains(words[1:], name) {
			out = append(out, words[0])
		}
	}
	return out
}

// Known tells whether many people install a distribution of that name.
func Known(name string) bool {
	_, found := row(popular, name)
	return found
}

// Requires gives the distributions that may be installed together with one. ok is false where that is not known.
func Requires(name string) (names []string, ok bool) { return row(requires, name) }
