package config

import "github.com/flowmage/flowmage/tasks/finding"

// scopeOf tells whom a setting at a path is for: one flow, or all.
func scopeOf(path []string) finding.Scope {
	if len(path) > 1 && path[0] == flowsKey {
		return finding.OfFlow(path[1])
	}
	return finding.Everything()
}

// Scoped tells whom the setting of a key is for: one flow, those beside a file, or all.
func (e Env) Scoped(key string) finding.Scope { return e.scope(split(key)) }

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
