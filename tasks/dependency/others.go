package dependency

import (
	"encoding/json"
	"maps"
	"path"
	"slices"
	"strings"

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
