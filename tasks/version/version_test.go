package version_test

import (
	"runtime/debug"
	"testing"

	"github.com/flowmage/flowmage/tasks/version"
)

func TestOf(t *testing.T) {
	t.Parallel()
	const own, commit = "github.com/flowmage/flowmage", "3f2a1b4c5d6e7f8091a2b3c4d5e6f70812345678"
	vcs := []debug.BuildSetting{{Key: "vcs.revision", Value: commit}, {Key: "vcs.modified", Value: "true"}}
	for name, test := range map[string]struct {
		info          debug.BuildInfo
		stamp         string
		short, people string
	}{
		"nothing":            {debug.BuildInfo{}, "", "dev", "a build of a working tree"},
		"compiled by mage":   {debug.BuildInfo{GoVersion: "go1.26.0", Deps: []*debug.Module{{Path: own, Version: "(devel)"}}}, commit, "dev+3f2a1b4c5d6e", "a build of a working tree, commit 3f2a1b4c5d6e, go1.26.0"},
		"with changes":       {debug.BuildInfo{}, "3f2a1b4-dirty", "dev+3f2a1b4.modified", "a build of a working tree, commit 3f2a1b4 with changes"},
		"a dependency":       {debug.BuildInfo{Main: debug.Module{Path: "example.com/robots", Version: "v9.9.9"}, Deps: []*debug.Module{{Path: own, Version: "v1.2.0"}}, Settings: vcs}, "", "1.2.0", "1.2.0"},
		"a replaced one":     {debug.BuildInfo{Deps: []*debug.Module{{Path: own, Version: "v1.2.0", Replace: &debug.Module{Path: "../x"}}}}, "", "dev", "a build of a working tree"},
		"a program":          {debug.BuildInfo{Main: debug.Module{Path: own, Version: "v1.2.0"}, Settings: vcs[:1]}, "", "1.2.0", "1.2.0, commit 3f2a1b4c5d6e"},
		"a program, changed": {debug.BuildInfo{Main: debug.Module{Path: own, Version: "(devel)"}, Settings: vcs}, "", "dev+3f2a1b4c5d6e.modified", "a build of a working tree, commit 3f2a1b4c5d6e with changes"},
		"odd characters":     {debug.BuildInfo{Deps: []*debug.Module{{Path: own, Version: "v1 (x)\r\n"}}}, "", "1--x---", "1 (x)\r\n"},
	} {
		v := version.Of(&test.info, test.stamp)
		if v.Short() != test.short || v.String() != test.people {
			t.Errorf("%s: %q, %q", name, v.Short(), v)
		}
	}
	if version.Program().Go == "" {
		t.Error("a test binary knows its Go")
	}
}
