package tree

// Slowly gives a tree that does without the system's own way to keep inside.
func Slowly(folder string) *Tree { return &Tree{folder: folder, slow: true} }
