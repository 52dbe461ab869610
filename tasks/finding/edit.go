package finding

// Edit is a change of one line that is safe to make: it does what Fix says, and nothing else. Old, which stands in the line from a column on, becomes
// New; where only spaces are left of the line, it goes.
type Edit struct {
	File   string `json:"file"`
	Line   int    `json:"line"`   // from 1
	Column int    `json:"column"` // in characters, from 1
	Old    string `json:"old"`
	New    string `json:"new"`
}

// At gives the edit of a text that stands at a position.
func At(p Position, old, now string) Edit {
	return Edit{File: p.File, Line: p.Line, Column: p.Column, Old: old, New: now}
}
