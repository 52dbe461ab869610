package dependency

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// setup reads a setup.cfg.
func (r *reader) setup(name, text string) {
	section, key := "", ""
	number := 0
	for line := range strings.Lines(text) {
		number++
		trimmed := strings.TrimSpace(line)
		indented := line != "" && (line[0] == ' ' || line[0] == '\t')
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case trimmed[0] == '[' && !indented:
			section, key = strings.Trim(trimmed, "[]"), ""
			continue
		case !indented:
			at := strings.IndexAny(trimmed, "=:")
			if at < 0 {
				continue
			}
			key, trimmed = strings.TrimSpace(trimmed[:at]), strings.TrimSpace(trimmed[at+1:])
		}
		if trimmed != "" {
			r.configured(name, number, section, key, trimmed)
		}
	}
}

// configured takes in a value of setup.cfg.
func (r *reader) configured(name string, line int, section, key, value string) {
	group := ""
	switch {
	case section == "metadata" && key == "name":
		r.out.Project = requirement.Normal(value)
		return
	case section == "options" && key == "python_requires":
		set, ok := requirement.ParseSet(value)
		r.python(name, line, value, set, ok)
		return
	case section == "options.extras_require":
		group = key
	case section != "options" || key != "install_requires":
		return
	}
	if file, included := strings.CutPrefix(value, "file:"); included {
		if err := r.file(path.Join(path.Dir(name), strings.TrimSpace(file)), false); err != nil {
			r.out.Vague = true
		}
		return
	}
	for text := range strings.SplitSeq(value, "\n") {
		r.add(name, line, text, group)
	}
}

// pipfile reads a Pipfile.
func (r *reader) pipfile(name string, text []byte) {
	d, ok := r.open(name, text)
	if !ok {
		return
	}
	r.named(d, d.section("packages"), d.table("packages"), "", pipenvVersion)
	r.named(d, d.section("dev-packages"), d.table("dev-packages"), "dev", pipenvVersion)
	if v, ok := d.table("requires")["python_version"].(string); ok {
		set, fine := requirement.ParseSet("==" + v + ".*")
		r.python(name, d.key(d.section("requires"), "python_version"), v, set, fine)
	}
}

func pipenvVersion(text string) (requirement.Set, bool) {
	if text == "*" {
		return nil, true
	}
	return requirement.ParseSet(text)
}

// pipfileLock reads a Pipfile.lock.
func (r *reader) pipfileLock(name string, text []byte) {
	var lock map[string]map[string]struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		var parts map[string]json.RawMessage
		if json.Unmarshal(text, &parts) != nil {
			r.out.Vague = true
			return
		}
		lock = nil
		for _, group := range []string{"default", "develop"} {
			_ = json.Unmarshal([]byte(`{"`+group+`":`+string(parts[group])+`}`), &lock) // what is no table there is nothing
		}
	}
	for group, title := range map[string]string{"default": "", "develop": "dev"} {
		for _, x := range slices.Sorted(maps.Keys(lock[group])) {
			set, _ := requirement.ParseSet(lock[group][x].Version)
			r.entry(Entry{
				Requirement: requirement.Requirement{Name: x, Text: x + lock[group][x].Version, Set: set}, Known: requirement.Normal(x), File: name,
				Line: lineOf(text, 0, `"`+x+`": {`), Group: title,
			})
		}
	}
}

// locked reads the lock of uv, Poetry or PDM, or a pylock.toml: tables [[package]] with a name and a version. It looks at lines, because such files are long and
// written by programs.
func (r *reader) locked(name, text string) {
	var e *Entry
	end := func() {
		if e != nil && e.Name != "" {
			r.entry(*e)
		}
		e = nil
	}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, " = ")
		switch {
		case line == "[[package]]" || line == "[[packages]]":
			end()
			e = &Entry{File: name, Line: number}
		case strings.HasPrefix(line, "["):
			end()
		case key == "requires-python" && e == nil && len(r.out.Pythons) == 0:
			set, ok := requirement.ParseSet(strings.Trim(value, `"`))
			r.python(name, number, strings.Trim(value, `"`), set, ok)
		case e == nil:
		case key == "name":
			e.Name = strings.Trim(value, `"`)
			e.Known, e.Line = requirement.Normal(e.Name), number
			e.Text = e.Name
		case key == "version":
			version := strings.Trim(value, `"`)
			e.Set, _ = requirement.ParseSet("==" + version)
			e.Text = e.Name + "==" + version
		case key == "source" && (strings.Contains(value, "editable") || strings.Contains(value, "virtual") || strings.Contains(value, "directory") || strings.Contains(value, "git")):
			e.Own = true
		}
	}
	end()
}

// conda reads an environment.yml. What conda's packages hold is not always what those of the same name on PyPI do.
func (r *reader) conda(name string, text []byte) error {
	var doc struct {
		Dependencies []yaml.Node `yaml:"dependencies"`
	}
	r.out.Vague = true
	if err := yaml.Unmarshal(text, &doc); err != nil {
		r.out.Problems = append(r.out.Problems, Problem{name, 0, strings.TrimPrefix(err.Error(), "yaml: ")})
		return nil
	}
	for _, n := range doc.Dependencies {
		if n.Kind == yaml.ScalarNode {
			r.condaPackage(name, n)
			continue
		}
		for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
			if n.Content[i].Value != "pip" {
				continue
			}
			for _, item := range n.Content[i+1].Content {
				before := len(r.out.Entries)
				if err := r.requirements(name, item.Value, false); err != nil {
					return err
				}
				for j := range r.out.Entries[before:] {
					if e := &r.out.Entries[before+j]; e.File == name {
						e.Line = item.Line
					}
				}
			}
		}
	}
	return nil
}

// condaPackage takes in channel::name=1.2=build, or name >=1.2.
func (r *reader) condaPackage(name string, n yaml.Node) {
	_, text, found := strings.Cut(n.Value, "::")
	if !found {
		text = n.Value
	}
	end := strings.IndexAny(text, " =<>!~")
	if end < 0 {
		end = len(text)
	}
	title, version := text[:end], strings.TrimSpace(text[end:])
	if rest, fuzzy := strings.CutPrefix(version, "="); fuzzy && !strings.HasPrefix(rest, "=") {
		rest, build, _ := strings.Cut(rest, "=")
		version = "==" + rest
		if build == "" && !strings.HasSuffix(rest, "*") {
			version += ".*"
		}
	}
	set, ok := requirement.ParseSet(version)
	if title == "python" {
		r.python(name, n.Line, version, set, ok)
		return
	}
	r.entry(Entry{Requirement: requirement.Requirement{Name: title, Text: n.Value, Set: set}, Known: requirement.Normal(title), File: name, Line: n.Line})
}

// script reads the header of a script (PEP 723).
func (r *reader) script(name, text string) {
	before, lines, found := header(text)
	if !found {
		return
	}
	d, ok := r.open(name, []byte(strings.Repeat("\n", before)+lines))
	if !ok {
		return
	}
	r.all(d, 0, d.root["dependencies"], "")
	if condition, ok := d.root["requires-python"].(string); ok {
		set, fine := requirement.ParseSet(condition)
		r.python(name, d.key(0, "requires-python"), condition, set, fine)
	}
}

// header gives the lines between # /// script and # ///, without their #, and how many lines stand before them.
func header(text string) (before int, out string, found bool) {
	var b strings.Builder
	number, open := 0, false
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		switch {
		case !open && line == "# /// script":
			open, before = true, number
		case !open:
		case line == "# ///":
			return before, b.String(), true
		case line == "#" || strings.HasPrefix(line, "# "):
			b.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " ") + "\n")
		default:
			return 0, "", false
		}
	}
	return 0, "", false
}
