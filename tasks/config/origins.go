package config

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// The places of values that stand in no file.
const (
	fromDefault     = "<default>"
	fromEnvironment = "<environment>"
	fromFlag        = "<flag>"
	fromRemote      = "<git remote>"
	fromFolder      = "<folder>"
)

// Origin is the place that a value came from: one in a file, or a name in angle brackets.
type Origin struct{ finding.Position }

// IsDefault tells whether nobody set the value.
func (o Origin) IsDefault() bool { return o.File == fromDefault }

// outside tells whether whoever runs the command set it, by a variable or a flag.
func (o Origin) outside() bool { return o.File == fromEnvironment || o.File == fromFlag }

// origins tells where a value was written, and each value inside it. It is a tree as the values are, so that whole parts of it can go from
// one layer to another.
type origins struct {
	at     finding.Position
	known  bool
	also   []finding.Position // further places of a list that was appended to
	inside map[string]*origins
}

// get gives what is known of a path; nil when nothing is.
func (o *origins) get(path []string) *origins {
	for _, element := range path {
		if o == nil {
			return nil
		}
		o = o.inside[element]
	}
	return o
}

// place gives where the value at a path was written.
func (o *origins) place(path []string) (finding.Position, bool) {
	if n := o.get(path); n != nil && n.known {
		return n.at, true
	}
	return finding.Position{}, false
}

// alsoAt gives the further places of a list at a path.
func (o *origins) alsoAt(path []string) []finding.Position {
	if n := o.get(path); n != nil {
		return n.also
	}
	return nil
}

// node gives the part for a path, made when it is not there.
func (o *origins) node(path []string) *origins {
	for i, element := range path {
		if o.inside[element] == nil {
			o.put(path[i:i+1], &origins{})
		}
		o = o.inside[element]
	}
	return o
}

func (o *origins) set(path []string, p finding.Position) {
	n := o.node(path)
	n.at, n.known = p, true
}

// put makes a part the one for a path; nil forgets what is known of it.
func (o *origins) put(path []string, part *origins) {
	last := len(path) - 1
	switch above := o.get(path[:last]); {
	case part != nil:
		above = o.node(path[:last])
		if above.inside == nil {
			above.inside = map[string]*origins{}
		}
		above.inside[path[last]] = part
	case above != nil:
		delete(above.inside, path[last])
	}
}

// forget drops what is known of a path and everything inside it.
func (o *origins) forget(path []string) { o.put(path, nil) }

// move takes over a path and everything below it from another layer, under a new path. The two share that part afterwards.
func (o *origins) move(from *origins, old, path []string) { o.put(path, from.get(old)) }

// with gives the origins with more parts inside one key; what is there now stays as it is.
func (o *origins) with(key string, parts map[string]*origins) *origins {
	out, part := *o, origins{}
	if have := o.inside[key]; have != nil {
		part = *have
	}
	part.inside = joined(part.inside, parts)
	out.inside = joined(o.inside, map[string]*origins{key: &part})
	return &out
}

// scopeOf tells whom a setting at a path is for: one flow, or all.
func scopeOf(path []string) finding.Scope {
	if len(path) > 1 && path[0] == setting.Flows {
		return finding.OfFlow(path[1])
	}
	return finding.Everything()
}

// Scoped tells whom the setting of a key is for: one flow, those beside a file, or all.
func (e Env) Scoped(key string) finding.Scope { return e.scope(setting.Split(key)) }

func (e Env) scope(path []string) finding.Scope {
	s := scopeOf(path)
	if _, beside := e.beside[s.Name]; beside {
		return finding.OfFile(s.Name)
	}
	return s
}

// scope tells whom what stands at a path of the file is for. A file beside flows is for those.
func (r *reader) scope(path []string) finding.Scope {
	if r.beside {
		return finding.OfFile(r.file)
	}
	return scopeOf(path)
}

// The keys that other code asks for by name.
const (
	projectKey   = "project"
	poolsKey     = "pools"
	kindsKey     = "kinds"
	codeKey      = "code"
	schedulesKey = "schedules"
)

// separator stands between the elements of a joined path. No key may hold it (reader.go), so that names with dots in them
// (labels, flow names) stay one element, for koanf too.
const separator = "\x1f"

func join(path []string) string { return strings.Join(path, separator) }
