package console

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Width gives the columns of the terminal that results go to, or 0 when they go elsewhere.
func (c *Console) Width() int { return width(c.out) }

func width(w io.Writer) int {
	if r, ok := w.(*redacting); ok {
		w = r.to
	}
	if q, ok := w.(*quiet); ok {
		w = q.to
	}
	f, ok := w.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
