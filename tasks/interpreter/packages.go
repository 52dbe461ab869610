package interpreter

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
)

// packagesMarker tells for which requirements the flows' own packages were installed. Busy stands there while an installer
// works: found later, it means that one was killed, and the environment can't be trusted.
type packagesMarker struct {
	Env  string // ID of the environment
	Hash string // of the requirements
	Busy bool
}

func (i *Installation) packagesPath() string { return i.folder.Path("packages.json") }

// Packages installs what the flows need beside Prefect, with the lock as constraints, when it isn't there yet. The user's own
// environment is left as it is.
func (i *Installation) Packages(ctx context.Context, env Env, files []string) error {
	if env.Own || len(files) == 0 {
		return nil
	}
	var read []requirementFile
	var parts [][]byte
	count := 0
	for _, file := range files {
		r, err := i.readRequirements(file)
		if err != nil {
			return err
		}
		read, parts, count = append(read, r), append(parts, r.Content), count+len(r.Wants)
	}
	want := packagesMarker{Env: env.ID, Hash: folder.Digest(parts...)}
	if have, ok := folder.ReadJSON[packagesMarker](i.packagesPath()); ok && have == want {
		return nil
	}
	if count > 0 {
		if err := i.installPackages(ctx, env, read, count); err != nil {
			return err
		}
	}
	return i.folder.Unwritable(folder.WriteJSON(i.packagesPath(), want))
}

func (i *Installation) installPackages(ctx context.Context, env Env, read []requirementFile, count int) error {
	lock, err := lockText()
	if err != nil {
		return err
	}
	limits := i.folder.Path("constraints.txt")
	if err := folder.WriteIfDifferent(limits, []byte(constraints(string(lock)))); err != nil {
		return i.folder.Unwritable(err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := folder.WriteJSON(i.packagesPath(), packagesMarker{Busy: true}); err != nil {
		return i.folder.Unwritable(err)
	}
	var args []string
	for _, r := range read {
		args = append(args, "-r", r.Argument)
	}
	args = append(args, "-c", limits)
	step := i.console.Begin("installing the packages that the flows need (%s)", console.Count(count, "requirement"))
	if uv := i.workingUV(ctx); uv != "" {
		err = i.install(ctx, step, uv, append([]string{"pip", "install", "--python", env.Python}, args...)...)
	} else {
		err = i.install(ctx, step, env.Python, append([]string{"-I", "-u", "-m", "pip", "install", "--no-compile"}, args...)...)
	}
	if ctx.Err() != nil {
		return step.Failed(ctx.Err())
	}
	if err != nil {
		step.Fail()
		// The installer ended by itself, so the environment is whole; only the packages are not in it.
		if err := os.Remove(i.packagesPath()); err != nil {
			return i.folder.Unwritable(err)
		}
		return i.packagesFault(err, read, parseLock(string(lock)))
	}
	step.Done("the flows' packages are installed")
	return nil
}

// packagesFault names the requirement that can't be met and the pin that it clashes with, as far as the installer's words
// tell: a package that a requirement line names, and a pinned one, that both occur in them.
func (i *Installation) packagesFault(err error, read []requirementFile, lock versionPins) error {
	output := outputOf(err)
	if output == nil || unreachable(output) {
		return i.installFault(err, "the flows' packages")
	}
	lines, pinned := suspects(telling(output, keptLines), read, lock)
	f := &fault.Error{
		Code: fault.Findings, What: "the packages that the flows need can't be installed", Where: i.folder.Path("logs", "install.log"),
		Why: telling(output, 8), Err: err,
		Next: "mend the requirement and run the same command again; for an environment of your own set `python: PATH` in envs/dev.yaml",
	}
	if len(lines) == 0 {
		return f
	}
	f.Where = lines[0].where()
	f.What = fmt.Sprintf("the requirement %q can't be installed", lines[0].Text)
	for _, other := range lines[1:] {
		f.Why = fmt.Sprintf("%s (%s) takes part\n", other.Text, other.where()) + f.Why
	}
	if len(pinned) > 0 {
		f.What = fmt.Sprintf("the requirement %q conflicts with the embedded Prefect's lock", lines[0].Text)
		f.Why = "the lock has " + strings.Join(pinned, ", ") + "\n" + f.Why
		f.Next = "loosen the requirement so that the locked version fits; for an environment of your own set `python: PATH` in envs/dev.yaml"
	}
	return f
}

// suspects finds the requirement lines and the lock's pins whose packages an installer's output names. Requirements on pinned
// packages come first: those are certain.
func suspects(output string, read []requirementFile, lock versionPins) (lines []pinnedRequirement, pinned []string) {
	named := map[string]bool{}
	for _, word := range words.FindAllString(output, -1) {
		named[normalized(word)] = true
	}
	var direct, indirect []pinnedRequirement
	for _, r := range read {
		for _, want := range r.Wants {
			switch {
			case !named[want.Name]:
			case lock[want.Name] != "":
				direct = append(direct, want)
				pinned = append(pinned, want.Name+"=="+lock[want.Name])
			default:
				indirect = append(indirect, want)
			}
		}
	}
	// Those that the installer quotes are more telling than those it only mentions.
	slices.SortStableFunc(direct, func(a, b pinnedRequirement) int { return quoted(output, b) - quoted(output, a) })
	if len(direct) > 0 {
		return append(direct, indirect...), pinned
	}
	for _, conflict := range constraintWords.FindAllStringSubmatch(output, -1) {
		name := normalized(conflict[1])
		if text := name + "==" + lock[name]; lock[name] != "" && !strings.Contains(strings.Join(pinned, " "), text) {
			pinned = append(pinned, text)
		}
	}
	return indirect, pinned
}

// quoted is 1 when the text has the requirement as it was written, blanks aside.
func quoted(text string, r pinnedRequirement) int {
	if strings.Contains(strings.ToLower(text), strings.ToLower(strings.ReplaceAll(r.Text, " ", ""))) {
		return 1
	}
	return 0
}

var (
	words           = pattern.New(`[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]`)
	constraintWords = pattern.New(`(?:constraint\) |require |and |on )([A-Za-z0-9._-]+?)[=<>!~]`)
)
