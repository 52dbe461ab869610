package dependency

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
)

// locked reads the lock of uv, Poetry or PDM, or a pylock.toml: tables [[package]] with a name and a version. It looks at lines, because such files are long and
// written by programs.
func (r *reader) locked(name, text string) {
	var e *Entry
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			r.lockedEnd(e)
			if e = nil; line == "[[package]]" || line == "[[packages]]" {
				e = &Entry{File: name, Line: number}
			}
			continue
		}
		key, value, _ := strings.Cut(line, " = ")
		switch {
		case e != nil:
			e.lockedField(key, value, number)
		case key == "requires-python" && len(r.out.Pythons) == 0:
			set, ok := requirement.ParseSet(strings.Trim(value, `"`))
			r.python(name, number, strings.Trim(value, `"`), set, ok)
		}
	}
	r.lockedEnd(e)
}

func (r *reader) lockedEnd(e *Entry) {
	if e != nil && e.Name != "" {
		r.entry(*e)
	}
}

// lockedField takes in a line of a package's table.
func (e *Entry) lockedField(key, value string, line int) {
	plain := strings.Trim(value, `"`)
	switch key {
	case "name":
		e.Name, e.Text, e.Known, e.Line = plain, plain, requirement.Normal(plain), line
	case "version":
		e.Set, _ = requirement.ParseSet("==" + plain)
		e.Text = e.Name + "==" + plain
	case "source":
		for _, word := range []string{"editable", "virtual", "directory", "git"} {
			e.Own = e.Own || strings.Contains(value, word)
		}
	}
}
