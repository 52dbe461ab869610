package flow

import (
	"bytes"
	"path"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

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
