package console

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
