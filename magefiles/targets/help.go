package targets

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
)

// helping is set for the process that prints Mage's own list or help.
const helping = "FLOWMAGE_HELPING"

// helped prints what Mage says to -h and -l, where that goes to a file: Mage itself does not notice when its output could not be written. It
// gives the exit code, and false for any other command line.
func helped(ctx context.Context, args []string) (fault.Code, bool) {
	if !asksMage(args) || os.Getenv(helping) != "" {
		return 0, false
	}
	info, err := os.Stdout.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe != 0 || console.IsTerminal(os.Stdout) {
		return 0, false
	}
	program, err := os.Executable()
	if err != nil {
		return 0, false
	}
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // G702: it is this very program
	var text bytes.Buffer
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = append(os.Environ(), helping+"=1"), os.Stdin, &text, os.Stderr
	if err := cmd.Run(); err != nil {
		return 0, false // Mage tells why
	}
	c := console.Standard(os.Environ())
	c.Printf("%s", text.String())
	if err := unwritten(c); err != nil {
		c.Fault(err)
		return fault.CodeOf(err), true
	}
	return 0, true
}

// asksMage tells whether a command line asks for the list of targets or for help.
func asksMage(args []string) bool {
	if len(args) == 0 || !strings.HasPrefix(args[0], "-") {
		return false
	}
	return slices.ContainsFunc(args, func(a string) bool {
		name := strings.TrimLeft(a, "-")
		return strings.HasPrefix(a, "-") && (name == "h" || name == "help" || name == "l")
	})
}
