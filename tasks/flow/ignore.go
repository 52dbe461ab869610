package flow

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// The files whose rules leave out other files. Git reads its own in every folder, Prefect only the one in the root.
const (
	gitRules     = ".gitignore"
	prefectRules = ".prefectignore"
)

// ignoreRule is one line of an ignore file, as gitignore(5) has it.
type ignoreRule struct {
	folder  string // the folder that it holds in, with a slash behind it; "" for the root
	glob    string // below that folder
	name    bool   // the glob is for names at any depth
	keep    bool   // a line with ! in front: what it fits is not left out after all
	folders bool   // a line with / behind: it fits folders only
	file    string // that says so, and its line
	line    int
}

// rules are the lines that hold at some folder, those of outer folders first. The last that fits decides.
type rules []ignoreRule

// with gives the rules that hold below a folder: those of its ignore files after the ones around it.
func (r rules) with(root fs.FS, folder string, names []string) rules {
	out := slices.Clip(r)
	for _, name := range names {
		file := path.Join(folder, name)
		text, err := tree.Read(root, file, tree.Text)
		if err != nil {
			continue // there is none
		}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if x, ok := parseRule(folder, strings.TrimRight(line, "\r\n")); ok {
				x.file, x.line = file, number
				out = append(out, x)
			}
		}
	}
	return out
}

func parseRule(folder, line string) (ignoreRule, bool) {
	for strings.HasSuffix(line, " ") && !strings.HasSuffix(line, `\ `) {
		line = line[:len(line)-1]
	}
	if line == "" || line[0] == '#' {
		return ignoreRule{}, false
	}
	var r ignoreRule
	if folder != "." {
		r.folder = folder + "/"
	}
	line, r.keep = strings.CutPrefix(line, "!")
	line, r.folders = strings.CutSuffix(line, "/")
	r.name = !strings.Contains(line, "/")
	line = strings.TrimPrefix(line, "/")
	if strings.HasSuffix(line, "/**") { // all inside, but not the folder as such
		line += "/*"
	}
	r.glob = strings.NewReplacer("{", `\{`, "}", `\}`).Replace(line) // braces are nothing special to Git
	return r, line != "" && doublestar.ValidatePattern(r.glob)
}

// leaveOut gives the place of the rule that leaves out a path, or "". A folder that is left out takes all below with it; the walk sees to
// that.
func (r rules) leaveOut(name string, folder bool) string {
	for _, x := range slices.Backward(r) {
		below, ok := strings.CutPrefix(name, x.folder)
		if !ok || x.folders && !folder {
			continue
		}
		if x.name {
			below = path.Base(below)
		}
		if fits, err := doublestar.Match(x.glob, below); err == nil && fits {
			if x.keep {
				return ""
			}
			return fmt.Sprintf("%s:%d", x.file, x.line)
		}
	}
	return ""
}

// overruled tells of a folder's ignore files that say something else than those that count.
func (w *walk) overruled(folder string) {
	for _, name := range ignoreFiles(folder) {
		file := path.Join(folder, name)
		theirs, err := tree.Read(w.root, file, tree.Text)
		if err != nil {
			continue // there is none
		}
		if counts, err := tree.Read(w.ignores, file, tree.Text); err != nil || !bytes.Equal(theirs, counts) {
			w.problems = append(w.problems, catalogue.New("ignore-changed", finding.Everything(), finding.Finding{
				Position: finding.Position{File: file},
				Message:  "the file differs from the base branch's, which counts",
				Fix:      "none, if it is meant: it holds once it is merged",
			}))
		}
	}
}
