package command

import (
	"fmt"

	"github.com/flowmage/flowmage/tasks/console"
)

// in gives what is shown in a cell of a table: one line, of bearable length, whoever it comes from.
func in(v any) string { return console.Inert(fmt.Sprint(v), console.Line) }
