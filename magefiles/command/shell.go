package command

import (
	"context"
	"runtime"
	"strings"

	"github.com/flowmage/flowmage/tasks/local"
)

// shellLine gives the line that has the `prefect` command of a shell reach the embedded server. The shell reads the auth string from its
// file: it is shown nowhere, and stands in no history. The line is for sh, bash, zsh and fish, on Windows for PowerShell.
func shellLine(ctx context.Context, l *local.Local) (string, error) {
	running, _ := l.Recorded(ctx)
	read, set, end := "$(cat '"+strings.ReplaceAll(l.AuthPath(), "'", `'\''`)+"')", "export ", " "
	if runtime.GOOS == "windows" {
		read, set, end = "$(Get-Content '"+strings.ReplaceAll(l.AuthPath(), "'", "''")+"')", "$env:", "; "
	}
	pairs, err := l.Variables(running, read)
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		pairs[i] = set + name + `="` + value + `"`
		if set == "export " {
			set = ""
		}
	}
	return strings.Join(pairs, end), err
}
