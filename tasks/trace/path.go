package trace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// Limits of one way through the code, and of how many are followed.
const (
	mostSteps = 4000
	mostDepth = 40
	mostPaths = 24
)

// path is one way through the code. Where a test can't be told, the next of the choices counts; behind them the first branch is taken.
type path struct {
	tracer  Tracer
	script  string
	choices []bool
	taken   int
	decided map[string]bool
	blocks  map[*python.Function][]python.Statement
	steps   int
	depth   int
	test    string // the last test that was not told, for people
	raised  bool
}

// choose takes one of two branches. What was chosen before for the same test counts.
func (p *path) choose(file, test string, start int) bool {
	key := file + "\x00" + test
	if is, ok := p.decided[key]; ok && test != "" {
		return is
	}
	if p.taken == len(p.choices) {
		p.choices = append(p.choices, true)
	}
	is := p.choices[p.taken]
	p.taken++
	p.decided[key] = is
	p.test = fmt.Sprintf("%s at %s", shown(test), p.place(file, start))
	return is
}

// spent tells whether a way has become too long to be followed.
func (p *path) spent() bool {
	p.steps++
	return p.steps > mostSteps || p.depth > mostDepth
}

// follow goes all ways, and puts together what they give.
func (t Tracer) follow(at python.Place, walk func(*path) value) Verdict {
	var out verdict
	blocks := map[*python.Function][]python.Statement{}
	choices := []bool(nil)
	for n := 0; ; n++ {
		p := &path{tracer: t, script: at.Script, choices: slices.Clone(choices), decided: map[string]bool{}, blocks: blocks}
		v := walk(p)
		if p.steps > mostSteps {
			v = &unknown{text: "it takes too many steps", file: at.File, start: at.Offset}
		}
		out.add(p, v)
		choices = p.choices[:p.taken]
		for len(choices) > 0 && !choices[len(choices)-1] {
			choices = choices[:len(choices)-1]
		}
		if len(choices) == 0 {
			break
		}
		if n == mostPaths {
			out.unknown = "there are too many ways through the code"
			break
		}
		choices[len(choices)-1] = false
	}
	return out.said()
}

// top is the frame of a module, or of the class that a place is in.
func (p *path) top(at python.Place, m *python.Module) *frame { return &frame{at: at, module: m} }

// in gives the frame of a file of the repository, behind all of its statements.
func (p *path) in(file string) *frame {
	m, _ := p.tracer.Library.Module(file)
	return &frame{at: python.Place{File: file, Script: p.script, Offset: python.Anywhere}, module: m}
}

// found gives what a name leads to. Where another branch binds it otherwise, the target itself counts first: in a process that has loaded it, the
// branch runs that imports it.
func (p *path) found(o python.Origin) value {
	all := append([]python.Origin{o}, p.tracer.Library.Rivals(o)...)
	for _, x := range all {
		if x.Outside && p.tracer.Target(x.Name) {
			return &target{}
		}
	}
	for i, x := range all {
		if i+1 == len(all) || p.choose(x.File+x.Name, "", startOf(x)) {
			return p.origin(x)
		}
	}
	return nil
}

func startOf(o python.Origin) int {
	switch {
	case o.Function != nil:
		return o.Function.Start
	case o.Class != nil:
		return o.Class.Start
	case o.Assignment != nil:
		return o.Assignment.Start
	default:
		return 0
	}
}

func (p *path) origin(o python.Origin) value {
	var v value
	switch {
	case o.Outside:
		return p.outside(o.Name)
	case o.File == "" && slices.ContainsFunc(o.Stars, func(m string) bool { return p.tracer.Target(m + "." + o.Name) }):
		return &target{}
	case o.File == "":
		return &foreign{name: "builtins." + o.Name}
	case o.Function != nil && o.Function.Scope == python.ClassScope:
		v = p.ofClass(o)
	case o.Function != nil:
		f := p.in(o.File)
		v = p.decorated(f, &closure{fn: o.Function, file: o.File, module: o.Module, env: f}, o.Function.Decorators)
	case o.Class != nil:
		v = &class{of: o.Class, module: o.Module, file: o.File, env: p.in(o.File)}
	case o.Assignment != nil:
		v = p.assigned(o)
	default:
		v = &module{file: o.File}
	}
	return p.attributes(p.in(o.File), v, o.Rest, startOf(o))
}

// ofClass gives a method that was found by the name of its class.
func (p *path) ofClass(o python.Origin) value {
	owner := strings.TrimSuffix(o.Function.QualifiedName, "."+o.Function.Name)
	i := slices.IndexFunc(o.Module.Classes, func(c python.Class) bool { return c.QualifiedName == owner })
	if i < 0 {
		return &unknown{text: o.Function.QualifiedName, file: o.File, start: o.Function.Start}
	}
	c := &class{of: &o.Module.Classes[i], module: o.Module, file: o.File, env: p.in(o.File)}
	return p.methodOf(c, c, o.Function)
}

// assigned evaluates what a module binds a name to.
func (p *path) assigned(o python.Origin) value {
	a := o.Assignment
	if a.Value.Absent() || p.depth > mostDepth {
		return &unknown{text: a.Target, file: o.File, start: a.Start}
	}
	p.depth++
	defer func() { p.depth-- }()
	return p.expression(&frame{at: python.Place{File: o.File, Script: p.script, Owner: a.Owner, Offset: a.Start}, module: o.Module}, a.Value)
}

func (p *path) outside(name string) value {
	if p.tracer.Target(name) {
		return &target{}
	}
	return &foreign{name: name}
}
