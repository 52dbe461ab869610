package command

import (
	"context"
	"runtime"
	"strings"

	"github.com/flowmage/flowmage/tasks/local"
)

// shellLine gives the line that has the `prefect` command of a shell reach the embedded server. The shell reads the auth string from its
// file: it is not shown, and stands in no history. The line is one for sh, bash, zsh and fish, on Windows for PowerShell.
func shellLine(ctx context.Context, l *local.Local) (string, error) {
	running, _ := l.Recorded(ctx)
	read, form, end := "$(cat "+quoted(l.AuthPath())+")", " %s", ""
	begin := "export"
	if runtime.GOOS == "windows" {
		read, form, begin, end = "$(Get-Content '"+strings.ReplaceAll(l.AuthPath(), "'", "''")+"')", " $env:%s", "", ";"
	}
	pairs, err := l.Variables(running, read)
	line := begin
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		line += strings.ReplaceAll(form, "%s", name) + `="` + value + `"` + end
	}
	return strings.TrimSpace(line), err
}

// quoted gives a text as one word of a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
