package trace

import (
	"cmp"
	"slices"

	"github.com/flowmage/flowmage/tasks/distribution"
	"github.com/flowmage/flowmage/tasks/python"
)

// signal says how a block ended.
type signal int

const (
	through signal = iota
	returns
	raises
	jumps
)

// execute goes through statements; v is what they return.
func (p *path) execute(f *frame, block []python.Statement) (v value, s signal) {
	for i := range block {
		if p.spent() {
			return &unknown{text: block[i].Text, file: f.at.File, start: block[i].Start}, returns
		}
		if v, s = p.statement(f, &block[i]); s != through {
			return v, s
		}
		if p.raised {
			return nil, raises
		}
	}
	return nil, through
}

func (p *path) statement(f *frame, s *python.Statement) (value, signal) {
	switch s.Kind {
	case python.Evaluates:
		p.evaluate(f, s.Value, s.Text, s.Start)
	case python.Assigns:
		p.assigns(f, s)
	case python.Deletes:
		p.deletes(f, s)
	case python.Returns:
		return p.evaluate(f, s.Value, s.Text, s.Start), returns
	case python.Raises:
		return nil, raises
	case python.Jumps:
		return nil, jumps
	case python.Decides:
		if p.tests(f, s.Value, s.Text, s.Start) {
			return p.execute(f, s.Body)
		}
		return p.execute(f, s.Else)
	case python.Tries:
		return p.tries(f, s)
	case python.Repeats:
		return p.repeats(f, s)
	case python.Encloses:
		p.lose(f, s.Targets, s.Start)
		return p.execute(f, s.Body)
	case python.Declares:
		p.declares(f, s.Start)
	case python.Nothing:
	}
	return nil, through
}

// lose makes names unknown.
func (p *path) lose(f *frame, targets []python.Node, start int) {
	for _, t := range targets {
		if n, ok := t.(*python.Name); ok {
			if _, own := f.names[n.ID]; own || !f.knows(n.ID) {
				f.names[n.ID] = argument{value: &unknown{text: n.ID, file: f.at.File, start: start}}
			}
		}
	}
}

// knows tells whether a name is bound in the module, or means something everywhere.
func (f *frame) knows(name string) bool {
	_, around := f.around.get(name)
	return around || len(f.module.Bindings("", name)) > 0
}

// tries goes through the body of a try. Whether a module from outside can be imported is not known, but for Python's own and the target's.
func (p *path) tries(f *frame, s *python.Statement) (value, signal) {
	for _, x := range s.Body {
		if x.Kind == python.Declares && len(s.Handlers) > 0 && p.mayFail(f, x.Start) && !p.choose(f.at.File, "the import", x.Start) {
			return p.execute(f, s.Handlers[0])
		}
	}
	v, sig := p.execute(f, s.Body)
	if sig == raises && len(s.Handlers) > 0 {
		p.raised = false
		v, sig = p.execute(f, s.Handlers[0])
	}
	if sig != through {
		return v, sig
	}
	return p.execute(f, s.Else)
}

func (p *path) mayFail(f *frame, start int) bool {
	for _, i := range importsAt(f.module, start) {
		o, ok := p.tracer.Library.Imported(p.placeIn(f, start), *i)
		if head := headOf(i.Module); ok && o.Outside && !distribution.Standard("", head) && !p.tracer.Target(head+".flow") {
			return true
		}
	}
	return false
}

func (p *path) placeIn(f *frame, start int) python.Place {
	return python.Place{File: f.at.File, Script: p.script, Offset: start}
}

// importsAt gives the names that the statement at an offset imports.
func importsAt(m *python.Module, start int) []*python.Import {
	var out []*python.Import
	i, _ := slices.BinarySearchFunc(m.Imports, start, func(i python.Import, start int) int { return cmp.Compare(i.Start, start) })
	for ; i < len(m.Imports) && m.Imports[i].Start == start; i++ {
		out = append(out, &m.Imports[i])
	}
	return out
}

// mostTurns bounds how often a loop is gone through.
const mostTurns = 50

// repeats goes through a loop over what is known; of any other nobody knows what it does.
func (p *path) repeats(f *frame, s *python.Statement) (value, signal) {
	p.lose(f, s.Targets, s.Start)
	items, known := []value(nil), false
	if s.Value != nil {
		l, ok := p.evaluate(f, s.Value, s.Text, s.Start).(*list)
		if known = ok && len(l.items) <= mostTurns; known {
			items = l.items
		}
	}
	if !known {
		if !p.choose(f.at.File, "the loop", s.Start) {
			return p.execute(f, s.Else)
		}
		p.lost(f, s.Body)
		if v, sig := p.execute(f, s.Body); sig == returns || sig == raises {
			return v, sig
		}
		p.lost(f, s.Body)
		return nil, through
	}
	for _, item := range items {
		p.unpack(f, s.Targets, argument{value: item, text: s.Text, file: f.at.File, start: s.Start})
		v, sig := p.execute(f, s.Body)
		if sig == returns || sig == raises {
			return v, sig
		}
		if sig == jumps {
			p.lost(f, s.Body)
			return nil, through
		}
	}
	return p.execute(f, s.Else)
}

// lost makes unknown what a loop may bind.
func (p *path) lost(f *frame, block []python.Statement) {
	for _, s := range block {
		if s.Kind == python.Assigns {
			p.lose(f, s.Targets, s.Start)
			for _, t := range s.Targets {
				if x, ok := t.(*python.Subscript); ok {
					if d, ok := p.evaluate(f, x.Value, s.Text, s.Start).(*table); ok {
						d.opened(&unknown{text: s.Text, file: f.at.File, start: s.Start})
					}
				}
			}
		}
		p.lost(f, s.Body)
		p.lost(f, s.Else)
		for _, h := range s.Handlers {
			p.lost(f, h)
		}
	}
}
