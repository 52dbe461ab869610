package command

import (
	"runtime"
	"strings"

	"github.com/flowmage/flowmage/tasks/local"
)

// shellLine gives the line that has the `prefect` command of a shell reach the embedded server: for sh, bash, zsh and fish, on Windows for
// PowerShell.
func shellLine(l *local.Local, running local.Server) (string, error) {
	shell := posix
	if runtime.GOOS == "windows" {
		shell = powershell
	}
	variables, err := l.Variables(running, shell.read(l.AuthPath()))
	return shell.set(variables), err
}

// shell is how a line sets variables. The auth string is read from its file by the shell: it is shown nowhere, and stands in no history.
type shell struct{ begin, each, end, reader, quote string }

var (
	posix      = shell{begin: "export", each: " ", reader: "cat", quote: `'\''`}     //nolint:gochecknoglobals // constant
	powershell = shell{each: " $env:", end: ";", reader: "Get-Content", quote: "''"} //nolint:gochecknoglobals // constant
)

// read gives what stands for the text of a file within double quotes.
func (s shell) read(path string) string {
	return "$(" + s.reader + " '" + strings.ReplaceAll(path, "'", s.quote) + "')"
}

// set gives a line that sets variables, which are given as NAME=VALUE.
func (s shell) set(variables []string) string {
	var line strings.Builder
	line.WriteString(s.begin)
	for _, pair := range variables {
		name, value, _ := strings.Cut(pair, "=")
		line.WriteString(s.each + name + `="` + value + `"` + s.end)
	}
	return strings.TrimSpace(line.String())
}
