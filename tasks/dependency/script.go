package dependency

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
)

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
