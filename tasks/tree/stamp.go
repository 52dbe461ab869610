package tree

import "io/fs"

// Stamp is what a system tells of a file without opening it. Two looks at files that gave the same stamp met the same file, and nobody has
// written to it in between, provided that both times lay back a while at the first look: within one tick of the clock a file may change twice.
// Tools set the time of the last write back; that of the last change is the system's own.
type Stamp struct {
	Device, Inode     uint64
	Size              int64
	Modified, Changed int64 // nanoseconds since 1970
}

// Known tells whether the system says enough: the stamp of what is no regular file is empty, and so are all of them where files have no number
// that can be asked for by their name.
func (s Stamp) Known() bool { return s != Stamp{} }

// Stamped is [Into] with the stamp that the file had when it was opened.
func Stamped(root fs.FS, name string, buffer []byte, most int64) ([]byte, Stamp, error) {
	if t, ok := root.(*Tree); ok {
		return t.stamped(name, buffer, most)
	}
	text, err := Into(root, name, buffer, most)
	return text, Stamp{}, err
}

// Stamp looks at a file. A link is not followed, so that it has no stamp; what a folder on the way leads to is only looked at.
func (t *Tree) Stamp(name string) Stamp {
	if _, err := t.valid("stat", name); err != nil {
		return Stamp{}
	}
	return t.look(name)
}
