package printed

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
)

// marked gives a text of a repository or a server as part of a line of Markdown.
func marked(text string) string { return console.Inert(text, console.Markdown) }

// code gives a name as code, unless it has what would end that.
func code(name string) string {
	line := console.Inert(name, console.Line)
	if strings.ContainsAny(line, "`|") {
		return marked(name)
	}
	return "`" + line + "`"
}

// fence gives the marks around lines of text: longer than any in them.
func fence(text string) string {
	marks := "```"
	for strings.Contains(text, marks) {
		marks += "`"
	}
	return marks
}
