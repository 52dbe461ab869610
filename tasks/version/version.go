// Package version says which Flowmage a program is, by what its build has put into it.
//
// Start with [Program].
package version

import (
	"runtime/debug"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// module is this one, which is either the program's own or linked into it.
const module = "github.com/flowmage/flowmage"

// stamped is the commit that the Makefile hands to the linker, with -dirty behind it for a tree with changes: Mage compiles a list of files, and Go
// notes no commit for those.
var stamped string //nolint:gochecknoglobals // the linker sets it

// Version is what is known of a program. Everything may be empty.
type Version struct {
	Release  string // such as v1.2.0; empty for a build of a working tree
	Revision string // the commit
	Modified bool   // the tree had changes that were not committed
	Go       string
}

// Program gives the version of this process's program.
func Program() Version {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return Of(info, stamped)
}

// Of reads a program's build information. The commit that Go notes counts only where the program is built from our own repository.
func Of(info *debug.BuildInfo, stamp string) Version {
	v := Version{Go: info.GoVersion}
	v.Revision, v.Modified = strings.CutSuffix(stamp, "-dirty")
	if info.Main.Path == module {
		v.Release = released(info.Main)
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Revision = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	for _, d := range info.Deps {
		if d.Path == module {
			v.Release = released(*d)
		}
	}
	return v
}

// released gives a module's version; a folder that stands in for it has none.
func released(m debug.Module) string {
	if m.Replace != nil {
		m = *m.Replace
	}
	if m.Version == "(devel)" {
		return ""
	}
	return m.Version
}

// Short gives one word, fit for a User-Agent: 1.2.0, dev+3f2a1b4c5d6e, dev.
func (v Version) Short() string {
	out := strings.TrimPrefix(v.Release, "v")
	if out == "" {
		out = "dev"
		if v.Revision != "" {
			out += "+" + v.commit()
		}
	}
	if v.Modified {
		out += ".modified"
	}
	return strange.ReplaceAllString(out, "-")
}

// strange are characters that can't stand in a header's word.
var strange = pattern.New(`[^A-Za-z0-9.+_-]`)

// commit gives the revision short.
func (v Version) commit() string {
	const enough = 12
	return v.Revision[:min(enough, len(v.Revision))]
}

// String gives it for people: 1.2.0, commit 3f2a1b4c5d6e with changes, go1.26.0.
func (v Version) String() string {
	out := strings.TrimPrefix(v.Release, "v")
	if out == "" {
		out = "a build of a working tree"
	}
	if v.Revision != "" {
		out += ", commit " + v.commit()
	}
	if v.Modified {
		out += " with changes"
	}
	if v.Go != "" {
		out += ", " + v.Go
	}
	return out
}
