package dependency

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// project reads a pyproject.toml.
func (r *reader) project(name string, text []byte) {
	r.out.Content = append(r.out.Content, name+"\n"+string(text)...)
	d, ok := r.open(name, text)
	if !ok {
		return
	}
	r.standard(d)
	r.groups(d)
	r.poetry(d)
	r.others(d)
	r.sources(d)
}

// standard reads the table [project] (PEP 621).
func (r *reader) standard(d document) {
	p, from := d.table("project"), d.section("project")
	title, _ := p["name"].(string)
	r.out.Project = requirement.Normal(title)
	r.all(d, from, p["dependencies"], "")
	extras := d.table("project", "optional-dependencies")
	for _, extra := range slices.Sorted(maps.Keys(extras)) {
		r.all(d, max(d.section("project", "optional-dependencies"), 0), extras[extra], extra)
	}
	if condition, ok := p["requires-python"].(string); ok {
		set, fine := requirement.ParseSet(condition)
		r.python(d.name, d.key(from, "requires-python"), condition, set, fine)
	}
	if slices.Contains(list(p["dynamic"]), "dependencies") {
		r.dynamic(d)
	}
}

// dynamic reads the requirements files that setuptools takes a project's dependencies from. Other tools may take them from anywhere.
func (r *reader) dynamic(d document) {
	from := d.table("tool", "setuptools", "dynamic", "dependencies")
	files := list(from["file"])
	if one, ok := from["file"].(string); ok {
		files = []string{one}
	}
	r.out.Vague = r.out.Vague || len(files) == 0
	for _, file := range files {
		if err := r.file(path.Join(path.Dir(d.name), file), false); err != nil {
			r.out.Vague = true
		}
	}
}

// groups reads [dependency-groups] (PEP 735). A group that another includes stands there for itself.
func (r *reader) groups(d document) {
	t := d.table("dependency-groups")
	for _, group := range slices.Sorted(maps.Keys(t)) {
		r.all(d, d.section("dependency-groups"), t[group], group)
	}
}

// poetry reads [tool.poetry].
func (r *reader) poetry(d document) {
	if title, ok := d.table("tool", "poetry")["name"].(string); ok && r.out.Project == "" {
		r.out.Project = requirement.Normal(title)
	}
	main := maps.Clone(d.table("tool", "poetry", "dependencies"))
	from := d.section("tool", "poetry", "dependencies")
	if v, ok := main["python"].(string); ok {
		set, fine := poetryVersion(v)
		r.python(d.name, d.key(from, "python"), v, set, fine)
	}
	delete(main, "python")
	r.named(d, from, main, "", poetryVersion)
	r.named(d, d.section("tool", "poetry", "dev-dependencies"), d.table("tool", "poetry", "dev-dependencies"), "dev", poetryVersion)
	groups := d.table("tool", "poetry", "group")
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		r.named(d, d.section("tool", "poetry", "group", group, "dependencies"), d.table("tool", "poetry", "group", group, "dependencies"), group, poetryVersion)
	}
}

// others reads what PDM, uv and Hatch have tables of their own for. Pixi's are conda's: they may bring anything.
func (r *reader) others(d document) {
	pdm := d.table("tool", "pdm", "dev-dependencies")
	for _, group := range slices.Sorted(maps.Keys(pdm)) {
		r.all(d, d.section("tool", "pdm", "dev-dependencies"), pdm[group], group)
	}
	r.all(d, d.section("tool", "uv"), d.table("tool", "uv")["dev-dependencies"], "dev")
	envs := d.table("tool", "hatch", "envs")
	for _, name := range slices.Sorted(maps.Keys(envs)) {
		for _, key := range []string{"dependencies", "extra-dependencies"} {
			r.all(d, d.section("tool", "hatch", "envs", name), d.table("tool", "hatch", "envs", name)[key], name)
		}
	}
	if d.table("tool", "pixi") != nil || d.table("tool", "conda") != nil {
		r.out.Vague = true
	}
}

// sources marks what uv takes from paths and repositories.
func (r *reader) sources(d document) {
	for name := range d.table("tool", "uv", "sources") {
		for i := range r.out.Entries {
			if r.out.Entries[i].Known == requirement.Normal(name) {
				r.out.Entries[i].Own = true
			}
		}
	}
}

// poetryVersion reads a version as Poetry writes it: ^1.2, ~1.2, 1.2, *, or specifiers. (Poetry: core/constraints/version/parser.py.)
func poetryVersion(text string) (requirement.Set, bool) {
	var out requirement.Set
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		switch {
		case part == "" || part == "*":
			continue
		case strings.Contains(part, "||"):
			return nil, false
		case strings.HasPrefix(part, "^"):
			part = caret(strings.TrimSpace(part[1:]))
		case strings.HasPrefix(part, "~") && !strings.HasPrefix(part, "~="):
			part = tilde(strings.TrimSpace(part[1:]))
		case part[0] >= '0' && part[0] <= '9':
			part = "==" + part
		}
		set, ok := requirement.ParseSet(part)
		if !ok {
			return nil, false
		}
		out = append(out, set...)
	}
	return out, true
}

// caret gives the specifiers of ^: all up to the next change of the first number that is not zero.
func caret(text string) string {
	v, ok := requirement.ParseVersion(text)
	if !ok {
		return "^"
	}
	release := strings.Split(v.Base(), ".")
	for i, n := range release {
		if n != "0" || i == len(release)-1 {
			return ">=" + text + ",<" + raised(release[:i+1])
		}
	}
	return "^"
}

// tilde gives the specifiers of ~: all up to the next second number, or the next first where there is one only.
func tilde(text string) string {
	v, ok := requirement.ParseVersion(text)
	if !ok {
		return "~"
	}
	release := strings.Split(v.Base(), ".")
	return ">=" + text + ",<" + raised(release[:min(2, len(release))])
}

func raised(release []string) string {
	out := slices.Clone(release)
	out[len(out)-1] = requirement.Next(out[len(out)-1])
	return strings.Join(out, ".")
}
