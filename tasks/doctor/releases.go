package doctor

import (
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// bad is a release of a package that is known to break Prefect.
type bad struct {
	name   string
	from   prefect.Release // first bad one
	before prefect.Release // first good one again; zero: none yet
	why    string
	fix    string
}

// knownBad lists what was tried with Prefect 3.8.
func knownBad() []bad {
	return []bad{
		{"fastapi", prefect.Release{Minor: 140}, prefect.Release{}, "Prefect 3.8's server fails to start with it: Body(min_items=…)", "pin fastapi==0.139.2"},
		{"sqlalchemy", prefect.Release{Major: 2, Minor: 1}, prefect.Release{}, "Prefect 3.8's scheduler fails in each loop with it, so no runs are scheduled", "pin sqlalchemy<2.1"},
		{"prefect", prefect.Release{Major: 3, Minor: 9}, prefect.Release{Major: 3, Minor: 9, Patch: 2}, "3.9.0 and 3.9.1 need a certifi that is newer than most locks", "pin prefect==3.8.8"},
	}
}

func packagesRule(f Facts) finding.List {
	var out finding.List
	for _, b := range knownBad() {
		version, there := f.Packages[b.name]
		have, err := prefect.ParseRelease(version)
		if !there || err != nil || !have.AtLeast(b.from) || b.before != (prefect.Release{}) && have.AtLeast(b.before) {
			continue
		}
		out = append(out, trouble(finding.Error, "package-bad", fmt.Sprintf("%s %s is installed", b.name, version), b.why, b.fix))
	}
	return out
}

// releasesRule compares Prefect on the server, beside the worker, and in images. A client may be older than its server; a newer one
// sends what the server doesn't know.
func releasesRule(f Facts) finding.List {
	server, err := prefect.ParseRelease(f.Prefect)
	if err != nil || server.Cloud {
		return nil
	}
	others := map[string]string{"this machine's workers": f.Packages["prefect"], "the images": f.Image}
	var out finding.List
	for _, where := range slices.Sorted(maps.Keys(others)) {
		have, err := prefect.ParseRelease(others[where])
		if err != nil || have.Major == server.Major && have.Minor == server.Minor {
			continue
		}
		severity, why := finding.Note, "an older client works with a newer server, as long as it needs nothing new"
		if have.AtLeast(server) {
			severity, why = finding.Warning, "a newer client sends what the server doesn't know, and runs may crash"
		}
		out = append(out, trouble(severity, "release-mismatch", fmt.Sprintf("the server has Prefect %s, %s have %s", f.Prefect, where, others[where]), why,
			"bring both to one release; upgrade the server first"))
	}
	return out
}
