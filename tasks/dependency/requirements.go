package dependency

import (
	"fmt"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
)

func place(file string, line int) string { return fmt.Sprintf("%s:%d", file, line) }

// logical is a line of a requirements file, with those that it goes on in.
type logical struct {
	text string
	line int
}

// logicals joins lines that end in a backslash and drops comments. (pip: req/req_file.py.)
func logicals(text string) []logical {
	var out []logical
	var open *logical
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		number++
		line = strings.TrimRight(line, "\r\n")
		comment := strings.HasPrefix(strings.TrimSpace(line), "#")
		if open == nil {
			open = &logical{line: number}
		}
		if more, continued := strings.CutSuffix(line, `\`); continued && !comment {
			open.text += more
			continue
		}
		if comment {
			line = " " + line // it ends a line that is open
		}
		open.text += line
		out, open = append(out, *open), nil
	}
	if open != nil {
		out = append(out, *open)
	}
	for i := range out {
		text, _, _ := strings.Cut(" "+out[i].text, " #")
		out[i].text = strings.TrimSpace(strings.Split(text, "\t#")[0])
	}
	return out
}

// requirements reads a requirements file and those that its -r and -c lines name.
func (r *reader) requirements(name, text string, limits bool) error {
	r.out.Content = fmt.Appendf(r.out.Content, "%s\n%s\n", name, text)
	for _, l := range logicals(text) {
		word, value := option(l.text)
		switch word {
		case "-r", "--requirement", "-c", "--constraint":
			if strings.Contains(value, "://") {
				r.out.Vague = true
				continue
			}
			if err := r.file(path.Join(path.Dir(name), value), limits || word == "-c" || word == "--constraint"); err != nil {
				return err
			}
		case "-e", "--editable":
			r.entry(Entry{Requirement: requirement.Requirement{Text: l.text}, Known: egg(value), File: name, Line: l.line, Own: true, Limit: limits})
		case "":
			if l.text != "" {
				r.line(name, l, limits)
			}
		}
	}
	return nil
}

// option parts an option of a line from its value; a line without one gives "".
func option(line string) (name, value string) {
	if !strings.HasPrefix(line, "-") {
		return "", ""
	}
	for _, short := range []string{"-r", "-c", "-e"} {
		if rest, found := strings.CutPrefix(line, short); found {
			return short, strings.TrimSpace(rest)
		}
	}
	end := strings.IndexAny(line, " =\t")
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.Trim(strings.TrimSpace(line[end+1:]), `"'`)
}

// line takes in a requirement, which may have options behind it.
func (r *reader) line(name string, l logical, limits bool) {
	text := l.text
	if at := strings.Index(text, " --"); at >= 0 {
		text = strings.TrimSpace(text[:at])
	}
	x, err := requirement.Parse(text)
	e := Entry{Requirement: x, Known: requirement.Normal(x.Name), File: name, Line: l.line, Limit: limits, Own: x.URL != ""}
	if err != nil || strings.ContainsAny(x.Name+text[:min(2, len(text))], `/\`) || isPath(text) {
		if !isPath(text) {
			r.out.Problems = append(r.out.Problems, Problem{name, l.line, err.Error()})
		}
		e.Requirement, e.Own = requirement.Requirement{Text: text}, true
		e.Known = egg(text)
	}
	r.entry(e)
}

// isPath tells whether a requirement is a file, a folder or an address.
func isPath(text string) bool {
	first, _, _ := strings.Cut(text, " ")
	first, _, _ = strings.Cut(first, "[")
	return strings.HasPrefix(text, ".") || strings.Contains(first, "/") || strings.Contains(first, `\`) || strings.HasSuffix(first, ".whl") ||
		strings.HasSuffix(first, ".tar.gz") || strings.HasSuffix(first, ".zip") || strings.Contains(first, "://")
}

// egg gives the name of what an address leads to, where that tells it: behind #egg=, or in the name of a wheel.
func egg(address string) string {
	if _, fragment, found := strings.Cut(address, "#"); found {
		for part := range strings.SplitSeq(fragment, "&") {
			if name, is := strings.CutPrefix(part, "egg="); is {
				name, _, _ = strings.Cut(name, "[")
				return requirement.Normal(name)
			}
		}
	}
	file, _, _ := strings.Cut(path.Base(address), " ")
	if name, _, found := strings.Cut(file, "-"); found && strings.HasSuffix(file, ".whl") {
		return requirement.Normal(name)
	}
	return ""
}
