package git

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/bitfield/script"

	"github.com/flowmage/flowmage/tasks/environ"
)

// quiet is configuration that keeps git from starting what a repository's own names. It stands on the command line, where it wins over every
// file. What only commands for people start (external diffs, editors, aliases) needs none: no question of ours is such a command.
func quiet() []string {
	return []string{
		// --no-optional-locks: a question must not take index.lock away from the user's own git.
		"--no-optional-locks", "--no-pager", "--no-replace-objects", "-c", "core.quotePath=off",
		"-c", "core.fsmonitor=", // a program, or git's own daemon
		"-c", "core.hooksPath=" + os.DevNull,
		"-c", "log.showSignature=false", // by gpg.program
		// A repository whose files lie bare in the tree is found by nobody's command.
		"-c", "safe.bareRepository=explicit",
	}
}

// surroundings is the environment of a question. A repository that lacks objects must not fetch them: its configuration says from where and by
// which program. What git says is English, as a part of it is read here. Who a folder belongs to is still git's own judgement (safe.directory).
func surroundings(variables environ.List) []string {
	kept := variables.Without(func(name string) bool {
		return slices.Contains([]string{
			"GIT_EXTERNAL_DIFF", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_PROXY_COMMAND", "GIT_PAGER", "GIT_EDITOR",
			"GIT_SEQUENCE_EDITOR", "GIT_ALLOW_PROTOCOL", "GIT_NO_LAZY_FETCH", "GIT_TERMINAL_PROMPT", "LANGUAGE",
		}, name)
	})
	return append(kept, "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LANGUAGE=C")
}

// ask runs git in the work tree and gives its standard output. Standard error goes into the error.
func (r Repository) ask(ctx context.Context, args ...string) (string, error) {
	return r.tell(ctx, "", args...)
}

// tell is ask with something on standard input.
func (r Repository) tell(ctx context.Context, input string, args ...string) (string, error) {
	if err := r.bare(); err != nil {
		return "", err
	}
	var stderr bytes.Buffer
	full := slices.Concat([]string{"-C", r.root}, quiet(), args)
	out, err := script.NewPipe().WithContext(ctx).WithReader(strings.NewReader(input)).WithEnv(surroundings(os.Environ())).WithStderr(&stderr).
		ExecCommand("git", full...).String()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", joinWords(args), err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}

// joinWords gives the question without the configuration in front of it.
func joinWords(args []string) string {
	for len(args) > 2 && args[0] == "-c" {
		args = args[2:]
	}
	return args[0]
}
