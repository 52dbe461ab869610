package flow

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/tree"
)

// closures follows imports from flows through the repository. Each file is read at most once.
type closures struct {
	root    fs.FS
	library *python.Library
	texts   map[string][]byte // those read already, as they are on disk
	buffer  []byte
}

// of gives the file and every file of the repository that it imports, directly or not, and a hash over their names and contents.
func (c *closures) of(file string) (files []string, version string, findings finding.List) {
	seen := map[string]bool{file: true}
	for queue := []string{file}; len(queue) > 0; queue = queue[1:] {
		m, err := c.library.Module(queue[0])
		if err != nil {
			findings = append(findings, unreadable(queue[0], err))
			continue
		}
		for _, i := range m.Imports {
			for _, found := range c.library.Files(queue[0], path.Dir(file), i) {
				if !seen[found] {
					seen[found] = true
					queue = append(queue, found)
				}
			}
		}
	}
	files = slices.Sorted(maps.Keys(seen))
	hash := sha256.New()
	for _, f := range files {
		text := c.text(f)
		fmt.Fprintf(hash, "%s\x00%d\x00", f, len(text))
		hash.Write(text)
	}
	return files, hex.EncodeToString(hash.Sum(nil))[:12], findings
}

func (c *closures) text(file string) []byte {
	text, ok := c.texts[file]
	if !ok {
		c.buffer, _ = tree.Into(c.root, file, c.buffer, tree.Source) // what can't be read was reported when it was parsed
		text = bytes.Clone(c.buffer)
		c.texts[file] = text
	}
	return text
}
