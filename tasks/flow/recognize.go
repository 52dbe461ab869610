package flow

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/python"
)

// What stands for Prefect's decorator under a local name.
type binding int

const prefectName = "prefect"

const (
	unbound       binding = iota
	flowDecorator         // prefect.flow
	prefectModule         // the package prefect
	flowsModule           // prefect.flows
)

// bindings gives what names mean at module level: from imports and plain rebinding such as `step = prefect.flow`.
func bindings(m *python.Module) map[string]binding {
	names := map[string]binding{}
	for _, i := range m.Imports {
		if i.Scope != python.ModuleScope || i.Level > 0 {
			continue
		}
		bindImport(names, i)
	}
	for _, a := range m.Assignments {
		if a.Scope != python.ModuleScope || a.Value.Absent() {
			continue
		}
		if node, err := a.Value.Node(); err == nil {
			if dotted, ok := python.Dotted(node); ok {
				if b := resolve(names, dotted); b != unbound {
					names[a.Target] = b
				}
			}
		}
	}
	return names
}

func bindImport(names map[string]binding, i python.Import) {
	root, below, _ := strings.Cut(i.Module, ".")
	fromPrefect := root == prefectName && (below == "" || below == "flows")
	switch {
	case i.Name == "" && i.As == "" && root == prefectName: // import prefect.x binds prefect
		names[prefectName] = prefectModule
	case i.Name == "" && fromPrefect:
		names[i.As] = map[string]binding{"": prefectModule, "flows": flowsModule}[below]
	case i.Name == "*" && fromPrefect:
		names["flow"] = flowDecorator
	case i.Name != "" && i.Name != "*":
		names[local(i)] = imported(i)
	}
}

// imported gives what `from … import name` binds: unbound for anything that isn't Prefect's.
func imported(i python.Import) binding {
	switch i.Module + " " + i.Name {
	case "prefect flow", "prefect.flows flow":
		return flowDecorator
	case "prefect flows":
		return flowsModule
	default:
		return unbound
	}
}

func local(i python.Import) string {
	if i.As != "" {
		return i.As
	}
	return i.Name
}

// resolve gives what a dotted name means.
func resolve(names map[string]binding, dotted string) binding {
	head, rest, _ := strings.Cut(dotted, ".")
	b := names[head]
	switch {
	case rest == "":
		return b
	case b == prefectModule && (rest == "flow" || rest == "flows.flow"):
		return flowDecorator
	case b == prefectModule && rest == "flows":
		return flowsModule
	case b == flowsModule && rest == "flow":
		return flowDecorator
	default:
		return unbound
	}
}

// flowsOf gives the flows that one file defines.
func flowsOf(file string, m *python.Module) ([]Flow, finding.List) {
	names := bindings(m)
	if len(names) == 0 {
		return nil, nil
	}
	var flows []Flow
	var findings finding.List
	for _, fn := range m.Functions {
		keywords, ok := decoration(names, fn)
		if !ok || !loadable(fn) {
			continue
		}
		f, list := describe(file, m, fn, keywords)
		flows, findings = append(flows, f), append(findings, list...)
	}
	return flows, findings
}

// decoration gives the keywords of a function's flow decorator; ok is false when it has none.
func decoration(names map[string]binding, fn python.Function) (map[string]python.Node, bool) {
	for _, d := range fn.Decorators {
		node, err := d.Node()
		if err != nil {
			continue
		}
		call, isCall := node.(*python.Call)
		target := node
		if isCall {
			target = call.Func
		}
		dotted, ok := python.Dotted(target)
		if !ok || resolve(names, dotted) != flowDecorator {
			continue
		}
		keywords := map[string]python.Node{}
		if isCall {
			for _, k := range call.Keywords {
				keywords[k.Name] = k.Value
			}
		}
		return keywords, true
	}
	return nil, false
}

// loadable tells whether Prefect can reach the function from outside: at module level, or as a static or class method.
func loadable(fn python.Function) bool {
	switch fn.Scope {
	case python.ModuleScope:
		return true
	case python.ClassScope:
		for _, d := range fn.Decorators {
			if d.Text == "staticmethod" || d.Text == "classmethod" {
				return true
			}
		}
		return false
	default:
		return false
	}
}

// legal is what Prefect accepts as a flow's name (Prefect: POST /flows/).
var legal = regexp.MustCompile(`^[^/%&><]+$`)

func describe(file string, m *python.Module, fn python.Function, keywords map[string]python.Node) (Flow, finding.List) {
	f := Flow{
		Name: DefaultName(fn.Name), Function: fn.QualifiedName, File: file, Line: fn.Line,
		Entrypoint: file + ":" + fn.QualifiedName, Definition: fn, Module: m,
	}
	if fn.HasDoc {
		f.Description = python.CleanDoc(fn.Doc)
	}
	var findings finding.List
	at := finding.Position{File: file, Line: fn.Line}
	if node, ok := keywords["name"]; ok {
		name, known := text(m, node)
		if !known {
			findings = append(findings, finding.Finding{
				Code: "flow-name-computed", Severity: finding.Error, Position: at, Subject: fn.QualifiedName,
				Message: "the flow's name is computed, so it can't be known without running the code",
				Why:     "the deployment would be stored under another flow than the one that runs",
				Fix:     "write the name as a string: @flow(name=\"" + f.Name + "\")",
			})
		} else {
			f.Name = name
		}
	}
	if !legal.MatchString(f.Name) {
		findings = append(findings, finding.Finding{
			Code: "flow-name-illegal", Severity: finding.Error, Position: at, Subject: fn.QualifiedName,
			Message: fmt.Sprintf("Prefect does not accept the flow name %q", f.Name),
			Fix:     "use a name that is not empty and has none of / % & < >",
		})
	}
	if node, ok := keywords["description"]; ok {
		if description, known := text(m, node); known {
			f.Description = description
		}
	}
	return f, findings
}

// text evaluates a string literal, or a name that one module-level assignment binds to a string literal.
func text(m *python.Module, node python.Node) (string, bool) {
	if value, ok := python.Literal(node); ok {
		s, isText := value.(string)
		return s, isText
	}
	name, ok := python.Dotted(node)
	if !ok {
		return "", false
	}
	var found []python.Assignment
	for _, a := range m.Assignments {
		if a.Scope == python.ModuleScope && a.Target == name {
			found = append(found, a)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	value, err := found[0].Value.Node()
	if err != nil {
		return "", false
	}
	literal, ok := python.Literal(value)
	s, isText := literal.(string)
	return s, ok && isText
}
