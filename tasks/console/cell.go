package console

import (
	"fmt"
)

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
