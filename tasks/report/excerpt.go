package report

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/tree"
)

// widest is how much of a line is shown.
const widest = 160

// Excerpts gives lines of files for [View]. Only what is code or settings is shown, and nothing that looks like a secret: who masks the secrets that are known
// does not know those that stand in the wrong place.
func Excerpts(files fs.FS) func(finding.Position) (string, int) {
	var file string
	var rows []string
	return func(p finding.Position) (string, int) {
		if !readable(p.File) {
			return "", 0
		}
		if p.File != file {
			text, err := tree.Read(files, p.File, tree.Source)
			if err != nil {
				text = nil
			}
			file, rows = p.File, strings.Split(string(text), "\n")
		}
		if p.Line < 1 || p.Line > len(rows) {
			return "", 0
		}
		return excerpt(rows[p.Line-1], p.Column)
	}
}

func readable(file string) bool {
	base := path.Base(file)
	return fs.ValidPath(file) && !strings.HasPrefix(base, ".") &&
		(slices.Contains([]string{".py", ".yaml", ".yml", ".toml", ".txt", ".in", ".cfg"}, path.Ext(base)) || strings.HasPrefix(base, "Dockerfile"))
}

// excerpt gives a line without what it begins with, and where the column is in that; 0 for none that can be pointed at.
func excerpt(text string, column int) (string, int) {
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	bare := strings.TrimLeftFunc(text, unicode.IsSpace)
	safe := secret.Line(bare)
	if safe != bare {
		column = 0
	}
	if column > 0 {
		column -= len([]rune(text)) - len([]rune(bare))
	}
	if runes := []rune(safe); len(runes) > widest {
		safe = string(runes[:widest]) + "…"
	}
	if column > widest {
		column = 0
	}
	return safe, max(column, 0)
}
