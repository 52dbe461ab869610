package interpreter

import (
	"context"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/console"
)

// versionPins are the versions of a lock by normalized package name. A package that is pinned twice, with different markers, keeps
// its last one.
type versionPins map[string]string

// parseLock reads the pins of a compiled lock.
func parseLock(lock string) versionPins {
	out := versionPins{}
	for line := range strings.Lines(lock) {
		if name, version, ok := pin(line); ok {
			out[name] = version
		}
	}
	return out
}

// constraints gives the pins of a lock in the form that pip's and uv's -c takes: without hashes, which would demand hashes of
// everything else, and without extras, which pip refuses there.
func constraints(lock string) string {
	var b strings.Builder
	for line := range strings.Lines(lock) {
		if _, _, ok := pin(line); !ok {
			continue
		}
		line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), `\`))
		b.WriteString(extras.ReplaceAllString(line, "") + "\n")
	}
	return b.String()
}

var (
	extras     = pattern.New(`\[[^\]]*\]`)
	separators = pattern.New(`[-_.]+`)
)

// pin reads `name[extra]==version ; marker \`.
func pin(line string) (name, version string, ok bool) {
	name, rest, ok := strings.Cut(line, "==")
	if !ok || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "-") {
		return "", "", false
	}
	version, _, _ = strings.Cut(rest, ";")
	version = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(version), `\`))
	return normalized(extras.ReplaceAllString(name, "")), version, true
}

// normalized makes package names comparable (PEP 503).
func normalized(name string) string {
	return strings.ToLower(separators.ReplaceAllString(strings.TrimSpace(name), "-"))
}

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
var withoutWheel = pattern.New("No matching distribution found for ([A-Za-z0-9._-]+)|Wheels are required for `([A-Za-z0-9._-]+)`|([A-Za-z0-9._-]+)==\\S+ has no (?:usable )?wheels")

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
