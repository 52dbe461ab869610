package local

import (
	"runtime"
	"strings"
)

// Shell gives the line that has the `prefect` command of the user's shell reach the embedded server: for sh, bash, zsh and fish, on Windows for
// PowerShell.
func (l *Local) Shell(running Server) (string, error) {
	sh := posix
	if runtime.GOOS == "windows" {
		sh = powershell
	}
	variables, err := l.variables(running, sh.read(l.AuthPath()))
	return sh.set(variables), err
}

// syntax is how a line sets variables. The auth string is read from its file by the shell: it is shown nowhere, and stands in no history.
type syntax struct{ begin, each, end, reader, quote string }

var (
	posix      = syntax{begin: "export", each: " ", reader: "cat", quote: `'\''`}     //nolint:gochecknoglobals // constant
	powershell = syntax{each: " $env:", end: ";", reader: "Get-Content", quote: "''"} //nolint:gochecknoglobals // constant
)

// read gives what stands for the text of a file within double quotes.
func (s syntax) read(path string) string {
	return "$(" + s.reader + " '" + strings.ReplaceAll(path, "'", s.quote) + "')"
}

// set gives a line that sets variables, which are given as NAME=VALUE.
func (s syntax) set(variables []string) string {
	var line strings.Builder
	line.WriteString(s.begin)
	for _, pair := range variables {
		name, value, _ := strings.Cut(pair, "=")
		line.WriteString(s.each + name + `="` + value + `"` + s.end)
	}
	return strings.TrimSpace(line.String())
}
