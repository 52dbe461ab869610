package console

import (
	"fmt"
	"io"
	"os"

	"github.com/flowmage/flowmage/tasks/pattern"

	"golang.org/x/term"
)

// Color is a terminal colour.
type Color string

// The colours in use.
const (
	Red    Color = "31"
	Green  Color = "32"
	Yellow Color = "33"
	Cyan   Color = "36"
	Bold   Color = "1"
	Dim    Color = "2"
)

// Paint gives text in the colour, or text alone where the console shows no colours.
func (c *Console) Paint(color Color, text string) string {
	if !c.color {
		return text
	}
	return "\x1b[" + string(color) + "m" + text + "\x1b[0m"
}

// escapes are how a terminal is told colours.
var escapes = pattern.New(`\x1b\[[0-9;?]*[a-zA-Z]`)

// Plain takes a terminal's colours out of a line.
func Plain(line string) string { return escapes.ReplaceAllString(line, "") }

// Cell gives what is shown in a cell of a table: one line, of bearable length, whoever it comes from.
func Cell(v any) string { return Inert(fmt.Sprint(v), Line) }

// Fit cuts a line to a width; 0 leaves it whole.
func Fit(line string, width int) string {
	runes := []rune(line)
	if width <= 1 || len(runes) <= width {
		return line
	}
	return string(runes[:width-1]) + "…"
}

// Width gives the columns of the terminal that results go to, or 0 when they go elsewhere.
func (c *Console) Width() int { return widthOf(c.out) }

func widthOf(w io.Writer) int {
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
	columns, _, _ := term.GetSize(int(f.Fd())) // none of what is no terminal
	return columns
}
