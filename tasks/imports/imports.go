// Package imports judges what flows import against what their projects declare to need (package dependency).
//
// Start with [Judge]. It knows the imports of each file that a flow is made of (use.go), reads each file that declares something once (reading.go), and puts
// together what is declared for a flow, and what is there where it runs (ground.go). The rules are missing.go, unreachable.go, conflict.go, condition.go, version.go and
// unused.go.
//
// A wrong error is worse than a missed one. An import is missing for certain only where its distribution is known by name, and where everything that may be
// installed is known too: by a lock, by what is known of the distributions that are named, or because nothing but the files is installed at a [Place].
package imports

import (
	"io/fs"
	"path"

	"github.com/flowmage/flowmage/tasks/dependency"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/python"
)

// Place is where some flows run: an image, or an environment.
type Place struct {
	Name     string   // as people know it: "the image of rpa1"
	Files    []string // that are installed there, where that is known
	Exact    bool     // nothing else is but Pins and what they bring
	Partly   bool     // the flows run elsewhere too, so that what is wrong here alone is a warning
	Pins     []Pin    // what is there anyway
	Python   string   // its version, such as 3.12; "" where that is not known
	Platform string   // as in Python's sys.platform; "" where that is not known
	Flows    []string // entrypoints
}

// Pin is a distribution that is there in one version, whatever the files say.
type Pin struct{ Name, Version string }

// Asked is what there is to judge.
type Asked struct {
	Root    fs.FS
	Library *python.Library
	Flows   []flow.Flow
	Places  []Place
	Moved   bool // runs may start in another folder than the root
}

// Judge gives what is wrong with the imports of flows and with the files that declare what they need.
func Judge(a Asked) finding.List {
	if len(a.Flows) == 0 {
		return nil
	}
	j := &judge{Asked: a, reading: reading{root: a.Root, files: map[string]*dependency.File{}}, registry: newRegistry(), uses: map[string][]use{}, grounds: map[string]*ground{}, made: map[*Place]*ground{}}
	j.index()
	for i := range a.Flows {
		f := &a.Flows[i]
		j.flows = append(j.flows, member{f, j.groundOf(f), j.usesOf(f)})
	}
	out := j.unreadable()
	out = append(out, j.missing()...)
	out = append(out, j.unreachable()...)
	out = append(out, j.conflicts()...)
	out = append(out, j.conditions()...)
	out = append(out, j.unpinned()...)
	return append(out, j.unused()...)
}

// judge holds what was found out so far.
type judge struct {
	Asked
	reading
	*registry
	declaring []string            // files of the tree that declare something
	beside    map[string][]string // those by the folder that they are for
	naming    map[string]string   // the first file that names a distribution; nil before somebody asks
	scripts   int                 // files that were looked into for it
	uses      map[string][]use    // by file
	others    map[string][]string // Python files of no flow, by folder; nil before somebody asks
	grounds   map[string]*ground  // what is declared, by folder or by a flow's own file
	made      map[*Place]*ground  // what is installed
	flows     []member
	entries   map[string]*flow.Flow   // by entrypoint
	places    map[string][]*Place     // by entrypoint
	members   map[string]int          // how many flows a file is part of
	below     map[string][]*flow.Flow // the flows in and below a folder
}

// index puts in order what is asked for many times.
func (j *judge) index() {
	j.beside, j.places, j.members, j.below = map[string][]string{}, map[string][]*Place{}, map[string]int{}, map[string][]*flow.Flow{}
	j.declaring = j.Library.Find(dependency.Is)
	for _, name := range j.declaring {
		j.beside[home(name)] = append(j.beside[home(name)], name)
	}
	for i := range j.Places {
		for _, entrypoint := range j.Places[i].Flows {
			j.places[entrypoint] = append(j.places[entrypoint], &j.Places[i])
		}
	}
	j.entries = make(map[string]*flow.Flow, len(j.Flows))
	for i := range j.Flows {
		f := &j.Flows[i]
		j.entries[f.Entrypoint] = f
		for _, dir := range above(f.Dir()) {
			j.below[dir] = append(j.below[dir], f)
		}
		for _, file := range f.Files {
			j.members[file]++
		}
	}
}

// home gives the folder that a file declares something for.
func home(name string) string {
	dir := path.Dir(name)
	if path.Base(dir) == "requirements" {
		return path.Dir(dir)
	}
	return dir
}

// member is a flow with what it imports and what is declared for it.
type member struct {
	*flow.Flow
	ground *ground
	uses   []use
}

// told is what a finding says, and where.
type told struct {
	finding.Position
	message, why, fix string
}

// about gives a finding for each of the flows that it is about: one about everything where that is all of them.
func (j *judge) about(code string, flows []*flow.Flow, t told) finding.List {
	if len(flows) == len(j.Flows) {
		return finding.List{t.as(code, finding.Everything(), "")}
	}
	out := make(finding.List, 0, len(flows))
	for _, f := range flows {
		out = append(out, t.as(code, finding.OfFlow(f.Entrypoint), f.Name))
	}
	return out
}

func (t told) as(code string, scope finding.Scope, subject string) finding.Finding {
	return catalogue.New(code, scope, finding.Finding{Position: t.Position, Subject: subject, Message: t.message, Why: t.why, Fix: t.fix})
}
