package interpreter

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
)

// requireHashes makes pip and uv refuse what the lock has no hash of, and what has another one.
const requireHashes = "--require-hashes"

// installLocked runs an installer on a lock, of which it takes wheels alone: building a package from its source runs a program of that source, and
// fetches others for it that no hash of the lock covers. Packages that have no wheel for this Python and system are built after all, and it says so: there is
// no other way to have them.
func (i *Installation) installLocked(ctx context.Context, step *console.Step, name string, args ...string) error {
	args = append(args, "--only-binary", ":all:")
	var built []string
	for {
		err := i.install(ctx, step, name, args...)
		more := slices.DeleteFunc(wheelless(outputOf(err)), func(p string) bool { return slices.Contains(built, p) })
		if err == nil || len(more) == 0 || ctx.Err() != nil {
			return err
		}
		for _, p := range more {
			i.console.Warn("%s has no wheel for this Python and system: it is built from its source, which runs programs of that source", p)
			args = append(args, "--no-binary", p)
		}
		built = append(built, more...)
	}
}

// withoutWheel is how pip and uv say that a package has no wheel that fits.
var withoutWheel = regexp.MustCompile("No matching distribution found for ([A-Za-z0-9._-]+)|Wheels are required for `([A-Za-z0-9._-]+)`|([A-Za-z0-9._-]+)==\\S+ has no (?:usable )?wheels")

// wheelless gives the packages that an installer found no wheel of. One that did not reach the index says nothing about wheels.
func wheelless(output []string) []string {
	if unreachable(output) {
		return nil
	}
	var out []string
	for _, found := range withoutWheel.FindAllStringSubmatch(strings.Join(output, "\n"), -1) {
		if name := normalized(found[1] + found[2] + found[3]); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
