package image

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/finding"
)

// parsedDockerfile is what a Dockerfile says of where it starts from and what it reads. The rest is the builder's business.
type parsedDockerfile struct {
	from     []from
	defaults map[string]string // of ARGs before the first FROM
	declared map[string]bool   // all ARGs
	sources  []string          // of COPY and ADD, nil: not known, so everything
	buildKit string            // why it needs BuildKit, "" when it does not
}

// from is a FROM line. The image is as written.
type from struct {
	image, stage string
	line, last   int
}

// instruction is one, with its continuation lines joined.
type instruction struct {
	name, rest string
	line, last int // the first and the last, from 1
}

var (
	heredoc   = pattern.New(`<<-?\s*["']?([A-Za-z_]\w*)["']?`)
	directive = pattern.New(`^#\s*(syntax|escape)\s*=\s*(\S+)`)
	variable  = pattern.New(`\$\{?(\w+)(?::[-+]([^}]*))?\}?`)
)

// readDockerfile reads the instructions that matter here.
func readDockerfile(text []byte) parsedDockerfile {
	d := parsedDockerfile{defaults: map[string]string{}, declared: map[string]bool{}, sources: []string{}}
	list, syntax := instructions(string(text))
	if syntax {
		d.buildKit = "it begins with a syntax directive"
	}
	for _, i := range list {
		switch i.name {
		case "ARG":
			d.argument(i.rest)
		case "FROM":
			d.start(i)
		case "COPY", "ADD":
			d.copies(i)
		case "RUN":
			if strings.Contains(i.rest, "--mount=") {
				d.buildKit = fmt.Sprintf("line %d mounts", i.line)
				d.sources = nil // a bind mount reads what it likes
			}
		}
		if heredoc.MatchString(i.rest) && slices.Contains([]string{"RUN", "COPY", "ADD"}, i.name) && d.buildKit == "" {
			d.buildKit = fmt.Sprintf("line %d has a here-document", i.line)
		}
	}
	return d
}

func (d *parsedDockerfile) argument(rest string) {
	for word := range strings.FieldsSeq(rest) {
		name, value, _ := strings.Cut(word, "=")
		d.declared[name] = true
		if len(d.from) == 0 {
			d.defaults[name] = strings.Trim(value, `"'`)
		}
	}
}

func (d *parsedDockerfile) start(i instruction) {
	words := slices.DeleteFunc(strings.Fields(i.rest), func(w string) bool { return strings.HasPrefix(w, "--") })
	f := from{line: i.line, last: i.last}
	if len(words) > 0 {
		f.image = words[0]
	}
	if len(words) == 3 && strings.EqualFold(words[1], "as") {
		f.stage = words[2]
	}
	d.from = append(d.from, f)
}

func (d *parsedDockerfile) copies(i instruction) {
	words := strings.Fields(strings.NewReplacer("[", " ", "]", " ", ",", " ", `"`, " ").Replace(i.rest))
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		if strings.HasPrefix(words[0], "--from=") {
			return
		}
		if name, _, _ := strings.Cut(words[0], "="); name != "--chown" {
			d.buildKit = fmt.Sprintf("line %d has %s", i.line, name)
		}
		words = words[1:]
	}
	if d.sources == nil || len(words) < 2 {
		return
	}
	for _, source := range words[:len(words)-1] {
		switch {
		case strings.Contains(source, "$"):
			d.sources = nil
			return
		case strings.Contains(source, "://"), strings.HasPrefix(source, "<<"):
		default:
			d.sources = append(d.sources, path.Clean(strings.TrimLeft(source, "/")))
		}
	}
}

// labelled gives a Dockerfile in which each stage begins with labels. Given to the builder otherwise, they would be on the last stage only, and
// what the others leave on the machine would be nobody's.
func labelled(text []byte, labels map[string]string) []byte {
	words := append(make([]string, 0, len(labels)+1), "LABEL")
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		words = append(words, fmt.Sprintf("%s=%q", name, labels[name]))
	}
	lines := strings.Split(string(text), "\n")
	for _, f := range slices.Backward(readDockerfile(text).from) {
		lines = slices.Insert(lines, f.last, strings.Join(words, " "))
	}
	return []byte(strings.Join(lines, "\n"))
}

// expand fills a FROM line's variables in: with the arguments given, else their defaults.
func (d parsedDockerfile) expand(image string, args map[string]string) string {
	return variable.ReplaceAllStringFunc(image, func(ref string) string {
		m := variable.FindStringSubmatch(ref)
		if value, given := args[m[1]]; given {
			return value
		}
		if value := d.defaults[m[1]]; value != "" {
			return value
		}
		return m[2]
	})
}

// external gives the images that are not stages of the file itself, with their lines.
func (d parsedDockerfile) external() []from {
	var out []from
	stages := map[string]bool{"scratch": true}
	for _, f := range d.from {
		if !stages[strings.ToLower(f.image)] {
			out = append(out, f)
		}
		stages[strings.ToLower(f.stage)] = true
	}
	return out
}

// instructions joins continuation lines and skips comments and the bodies of here-documents. It tells whether a syntax is asked for.
func instructions(text string) (list []instruction, syntax bool) {
	r := reader{lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), escape: `\`}
	for ; r.at < len(r.lines); r.at++ {
		m := directive.FindStringSubmatch(strings.TrimSpace(r.lines[r.at]))
		if m == nil {
			break
		}
		syntax = syntax || m[1] == "syntax"
		if m[1] == "escape" {
			r.escape = m[2]
		}
	}
	for ; r.at < len(r.lines); r.at++ {
		if !idle(r.lines[r.at]) {
			list = append(list, r.next())
		}
	}
	return list, syntax
}

// reader goes through the lines of a Dockerfile.
type reader struct {
	lines  []string
	at     int
	escape string
}

// idle tells whether a line is empty or a comment.
func idle(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#'
}

// next reads an instruction and stops at its last line.
func (r *reader) next() instruction {
	start, line := r.at, ""
	for ; r.at < len(r.lines); r.at++ {
		if line != "" && idle(r.lines[r.at]) {
			continue
		}
		part, more := strings.CutSuffix(strings.TrimSpace(r.lines[r.at]), r.escape)
		line += part + " "
		if !more {
			break
		}
	}
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	i := instruction{strings.ToUpper(name), strings.TrimSpace(rest), start + 1, min(r.at+1, len(r.lines))}
	if slices.Contains([]string{"RUN", "COPY", "ADD"}, i.name) {
		for _, m := range heredoc.FindAllStringSubmatch(i.rest, -1) {
			for r.at++; r.at < len(r.lines) && strings.TrimLeft(r.lines[r.at], "\t") != m[1]; r.at++ {
			}
		}
	}
	return i
}

// unpinned gives a finding for each FROM whose image may be another one tomorrow. own tells which are the project's: their tags are hashes.
func (d parsedDockerfile) unpinned(file string, args map[string]string, severity finding.Severity, own func(image string) bool) finding.List {
	var out finding.List
	told := map[string]bool{}
	for _, f := range d.external() {
		image := d.expand(f.image, args)
		known := told[image]
		if told[image] = true; known || image == "" || own(image) || strings.Contains(image, "@sha256:") {
			continue
		}
		out = append(out, catalogue.New("image-unpinned", finding.OfFile(file), finding.Finding{
			Position: finding.Position{File: file, Line: f.line},
			Message:  fmt.Sprintf("FROM %s names no digest", image),
			Fix:      "write the digest: " + image + "@sha256:… (docker images --digests shows it), in the Dockerfile or under image.base or image.build_args in envs/",
		}).As(severity))
	}
	return out
}
