package console

import "regexp"

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
var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`)

// Plain takes a terminal's colours out of a line.
func Plain(line string) string { return escapes.ReplaceAllString(line, "") }
