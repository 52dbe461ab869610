package flow

import (
	"io/fs"

	"github.com/flowmage/flowmage/tasks/tree"
)

// Folder gives the tree of a folder, as package tree reads it.
func Folder(folder string) fs.FS { return tree.Open(folder) }

// readFile reads a file of Python into a buffer, which grows as needed: for thousands of small files that takes half of the time of
// [os.ReadFile].
func readFile(root fs.FS, name string, buffer []byte) ([]byte, error) {
	return tree.Into(root, name, buffer, tree.Source)
}
