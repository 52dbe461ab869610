package schema

import (
	"cmp"
	"slices"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/python"
)

// Difference is a parameter of a flow that Prefect sees otherwise than the source has it.
type Difference struct {
	Flow         flow.Flow
	Parameter    string
	Line         int // of the parameter, or of the def that has none of that name
	Ours, Theirs Schema
}

// Flows gives flows with the schemas of their parameters. said is what Prefect itself says of some, by entrypoint: it counts in place of what
// the source says. Afterwards nobody needs the library.
func Flows(l *python.Library, flows []flow.Flow, said map[string]Schema) ([]flow.Flow, []Difference) {
	reader, out := NewReader(l), slices.Clone(flows)
	var differences []Difference
	for i := range out {
		f := &out[i]
		if f.Definition == nil {
			continue
		}
		s, untyped := reader.Flow(*f)
		if s.Properties == nil {
			continue // no flow of this library
		}
		if theirs, asked := said[f.Entrypoint]; asked {
			differences = append(differences, compared(*f, s, theirs, untyped)...)
			s, untyped = theirs, nil
		}
		f.Untyped = untyped
		f.Schema, _ = s.Text() // which fails for nothing that JSON has; an empty one blocks the flow's deployments
	}
	return out, differences
}

// Flow computes the schema of a flow that was found in the reader's repository, and lists what stays untyped.
func (r *Reader) Flow(f flow.Flow) (Schema, []Untyped) {
	m, err := r.library.Module(f.Definition.File)
	if err != nil {
		return Schema{}, nil
	}
	i, found := slices.BinarySearchFunc(m.Functions, f.Definition.Start, func(fn python.Function, start int) int { return cmp.Compare(fn.Start, start) })
	if !found {
		return Schema{}, nil
	}
	fn := m.Functions[i]
	fn.Parameters = slices.Clone(fn.Parameters)
	for k := range min(len(fn.Parameters), len(f.Definition.Parameters)) { // a factory's argument may be a default
		if d := &fn.Parameters[k].Default; d.Text != f.Definition.Parameters[k].Default {
			d.Text = f.Definition.Parameters[k].Default
		}
	}
	if below := f.Definition.Below; below < len(fn.Decorators) {
		fn.Decorators = fn.Decorators[len(fn.Decorators)-below:]
	}
	return r.Of(f.Definition.File, f.Dir(), &fn)
}

// compared gives what Prefect says differently of a flow, but for what the source leaves untyped.
func compared(f flow.Flow, ours, theirs Schema, untyped []Untyped) []Difference {
	var out []Difference
	for _, name := range ours.Differences(theirs) {
		if slices.ContainsFunc(untyped, func(u parameter.Untyped) bool { return u.Parameter == name }) {
			continue
		}
		line := f.Definition.Line
		for _, p := range f.Definition.Parameters {
			if p.Name == name {
				line = p.Line
			}
		}
		out = append(out, Difference{f, name, line, ours, theirs})
	}
	return out
}
