package verdict

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/pattern"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Ignore is a comment that has findings ignored: those on its own line, or where it stands alone, those on the line below it. In Python a comment
// above decorators is for them and for the def or class below them.
type Ignore struct {
	At       finding.Position // of the comment
	From, To int              // the lines that it is for
	Codes    []string
	Reason   string

	text     string       // of the first of the lines
	removal  finding.Edit // of the comment
	unmerged string       // the branch that a pull request is to be merged into, and that has no such comment; then this one does not count
}

// counts tells whether the comment is the repository's own word.
func (i Ignore) counts() bool { return i.unmerged == "" }

// means tells whether a finding is one of those that the comment is about.
func (i Ignore) means(f finding.Finding) bool {
	return f.Position.File == i.At.File && i.From <= f.Position.Line && f.Position.Line <= i.To && slices.Contains(i.Codes, f.Code)
}

// Read finds the comments in files of a repository. Of what can't be read others tell.
func Read(root fs.FS, files []string) []Ignore {
	var out []Ignore
	for _, file := range files {
		if text, err := tree.Read(root, file, tree.Source); err == nil {
			out = append(out, In(file, text)...)
		}
	}
	return out
}

// Declaring gives the files of findings that say which packages are needed: who reads those looks for no comments.
func Declaring(list finding.List) []string {
	var out []string
	for _, f := range list {
		if declares(f.Position.File) && !slices.Contains(out, f.Position.File) {
			out = append(out, f.Position.File)
		}
	}
	return out
}

// declares tells by a file's name whether it says which packages are needed.
func declares(file string) bool {
	return slices.Contains([]string{".txt", ".in", ".toml", ".cfg", ".lock"}, path.Ext(file))
}

// In finds the comments in the text of a file, whose name tells what it is.
func In(file string, text []byte) []Ignore {
	if !finding.Marked(text) {
		return nil
	}
	lines := strings.Split(string(text), "\n")
	var out []Ignore
	for _, c := range comments(file, text) {
		at := marked.FindStringSubmatchIndex(c.text)
		if at == nil {
			continue
		}
		i := Ignore{At: finding.Position{File: file, Line: c.line, Column: c.column}, From: c.line, To: c.line}
		if at[2] >= 0 {
			i.Codes, i.Reason = parse(c.text[at[2]:at[3]])
		}
		i.removal = finding.Edit{File: file, Line: c.line, Column: c.column + len([]rune(c.text[:at[0]])), Old: c.text[at[0]:at[1]]}
		if c.alone {
			i.From, i.To = below(lines, c.line, strings.HasSuffix(file, ".py"))
		}
		if i.From <= len(lines) {
			i.text = strings.TrimSpace(lines[i.From-1])
		}
		out = append(out, i)
	}
	return out
}

// marked is such a comment; several may follow each other on a line.
var marked = pattern.New(`#\s*` + finding.Mark + `\s*ignore(?:\s+(.*))?$`)

// parse reads the codes, which have commas between them, and the reason behind them.
func parse(rest string) (codes []string, reason string) {
	for more := true; more; {
		var word string
		rest = strings.TrimSpace(rest)
		if at := strings.IndexAny(rest, " \t,"); at >= 0 {
			word, rest = rest[:at], strings.TrimSpace(rest[at:])
		} else {
			word, rest = rest, ""
		}
		if word = strings.TrimRight(word, ":"); word != "" {
			codes = append(codes, word)
		}
		rest, more = strings.CutPrefix(rest, ",")
	}
	return codes, strings.TrimSpace(strings.TrimLeft(rest, " \t:-–—"))
}

// below gives the lines that a comment on a line of its own is for: the first one below it that is no comment, and in Python with decorators all
// down to what they decorate.
func below(lines []string, line int, python bool) (from, to int) {
	at := func(i int) string { return strings.TrimSpace(lines[i-1]) }
	for from = line + 1; from <= len(lines) && strings.HasPrefix(at(from), "#"); from++ {
	}
	to = from
	for python && from <= len(lines) && strings.HasPrefix(at(from), "@") && to < len(lines) && !defines(at(to)) {
		to++
	}
	return from, to
}

// defines tells whether a line begins what decorators stand above.
func defines(line string) bool {
	return strings.HasPrefix(line, "def ") || strings.HasPrefix(line, "async ") || strings.HasPrefix(line, "class ")
}

// Merged gives comments as they count in a pull request: those that its base has too, for lines of the same text. base is nil where nothing is known
// of it, and name is what it is called.
func Merged(ignores []Ignore, base fs.FS, name string) []Ignore {
	out := slices.Clone(ignores)
	have := map[string][]Ignore{}
	for n := range out {
		i := &out[n]
		if _, read := have[i.At.File]; !read && base != nil {
			have[i.At.File] = Read(base, []string{i.At.File})
		}
		if !slices.ContainsFunc(have[i.At.File], i.same) {
			i.unmerged = name
		}
	}
	return out
}

// same tells whether two comments have the same ignored, on lines of the same text.
func (i Ignore) same(other Ignore) bool {
	return i.text == other.text && slices.Equal(i.Codes, other.Codes)
}
