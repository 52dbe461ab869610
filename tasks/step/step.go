// Package step runs the shell scripts among a manifest's build and push steps, in the way of Prefect's own run_shell_script: each line
// is a process of its own, its words parted as Python's shlex does, without a shell unless one is asked for. Start with [Run].
// (Prefect: deployments/steps/utility.py.)
package step

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Place is where steps run.
type Place struct {
	Root    string    // the folder that a step's directory counts from
	Environ []string  // NAME=value
	Echo    io.Writer // gets what a step prints while it runs, unless the step is told not to stream
	Quiet   bool      // what it prints is secret: an error doesn't quote it
}

// grace is how long the output of a killed script is waited for.
const grace = 2 * time.Second

// Run runs a step whose placeholders are filled in, and gives what it printed. The first line that fails ends it with a *fault.Error.
func Run(ctx context.Context, s manifest.Step, p Place) (stdout, stderr string, err error) {
	variables := environ.List(p.Environ).Map()
	maps.Copy(variables, s.Env)
	directory := p.Root
	if s.Directory != "" {
		if directory = s.Directory; !filepath.IsAbs(directory) {
			directory = filepath.Join(p.Root, directory)
		}
	}
	var out, problems bytes.Buffer
	for _, line := range lines(s.Script) {
		if s.Expand {
			line = expand(line, variables)
		}
		cmd, err := command(ctx, s, line, directory, variables)
		if err != nil {
			return "", "", failed(s, line, err.Error(), err)
		}
		if cmd == nil {
			continue
		}
		if err := run(cmd, &out, &problems, s.Stream, p.Echo); err != nil {
			printed := secret.Text(textOf(&problems))
			if p.Quiet {
				printed = ""
			}
			return "", "", explained(ctx, s, line, directory, err, printed)
		}
	}
	return textOf(&out), textOf(&problems), nil
}

// run runs one line's process, and shows what it prints if that is wanted.
func run(cmd *exec.Cmd, out, problems io.Writer, shown bool, to io.Writer) error {
	cmd.Stdout, cmd.Stderr = out, problems
	if !shown || to == nil {
		return cmd.Run()
	}
	e := &echo{to: to}
	first, second := &stream{echo: e}, &stream{echo: e}
	cmd.Stdout, cmd.Stderr = io.MultiWriter(out, first), io.MultiWriter(problems, second)
	err := cmd.Run()
	return errors.Join(err, first.end(), second.end())
}

// textOf gives what was printed, with the replacement character for what is no UTF-8.
func textOf(b *bytes.Buffer) string {
	return strings.TrimSpace(strings.ToValidUTF8(b.String(), "\uFFFD"))
}

// lines parts a script where Python's splitlines does.
func lines(script string) []string {
	return strings.FieldsFunc(script, func(r rune) bool { return strings.ContainsRune("\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029", r) })
}

// command gives the process of one line, nil when there is nothing in it.
func command(ctx context.Context, s manifest.Step, line, directory string, environ map[string]string) (*exec.Cmd, error) {
	var words []string
	var err error
	switch text := strings.TrimSpace(line); {
	case runtime.GOOS != "windows" && !s.Shell: // Prefect uses the shell there in any case
		words, err = split(line)
	case text != "" && runtime.GOOS == "windows":
		words = []string{"cmd", "/C", text}
	case text != "":
		words = []string{"/bin/sh", "-c", text}
	}
	if err != nil || len(words) == 0 {
		return nil, err
	}
	path, err := find(words[0], directory, environ)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, words[1:]...)
	cmd.Args[0] = words[0]
	cmd.Dir, cmd.WaitDelay = directory, grace
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		cmd.Env = append(cmd.Env, name+"="+environ[name])
	}
	return cmd, nil
}

// find looks a program up in the PATH of the step, which its env may have changed.
func find(name, directory string, environ map[string]string) (string, error) {
	if strings.ContainsRune(name, '/') || runtime.GOOS == "windows" {
		return name, nil
	}
	for _, folder := range filepath.SplitList(environ["PATH"]) {
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(directory, folder)
		}
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no program %q in PATH", name)
}

// variable is $NAME, ${NAME} or $$ (Python: string.Template).
var variable = pattern.New(`\$(?:(\$)|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})`)

// expand fills in variables; those that are not set stay as they are.
func expand(line string, environ map[string]string) string {
	return variable.ReplaceAllStringFunc(line, func(whole string) string {
		m := variable.FindStringSubmatch(whole)
		if m[1] != "" {
			return "$"
		}
		if value, ok := environ[m[2]+m[3]]; ok {
			return value
		}
		return whole
	})
}

// explained gives the error for a line that ended badly.
func explained(ctx context.Context, s manifest.Step, line, directory string, err error, printed string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("step %s: %w", nameOf(s), ctx.Err())
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		why := fmt.Sprintf("it ended with %s", exit.ProcessState)
		if printed != "" {
			why += ": " + last(printed)
		}
		return failed(s, line, why, nil)
	}
	if info, missing := os.Stat(directory); errors.Is(missing, fs.ErrNotExist) || missing == nil && !info.IsDir() {
		return failed(s, line, "there is no folder "+directory, err)
	}
	return failed(s, line, err.Error(), err)
}

// last gives the end of what was printed, in one line.
func last(printed string) string {
	const longest = 300
	r := []rune(strings.Join(strings.Fields(printed), " "))
	if len(r) > longest {
		return "…" + string(r[len(r)-longest:])
	}
	return string(r)
}

func nameOf(s manifest.Step) string { return cmp.Or(s.ID, "run_shell_script") }

func failed(s manifest.Step, line, why string, err error) error {
	return &fault.Error{
		Code: fault.Partial, What: fmt.Sprintf("the step %s failed", nameOf(s)), Where: s.Position.String(), Why: why, Err: err,
		Next: "look at what it printed; the line was: " + program(line),
	}
}

// program gives the first word of a line: what follows may be secret.
func program(line string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if rest != "" {
		first += " …"
	}
	return first
}

// echo passes whole lines on, of both streams of a process: what masks secrets must not see halves of them.
type echo struct {
	mu sync.Mutex
	to io.Writer
}

// stream is one of the two.
type stream struct {
	echo *echo
	rest []byte
}

func (s *stream) Write(p []byte) (int, error) {
	s.rest = append(s.rest, p...)
	end := bytes.LastIndexByte(s.rest, '\n') + 1
	if end == 0 {
		return len(p), nil
	}
	whole := s.rest[:end]
	s.rest = bytes.Clone(s.rest[end:])
	return len(p), s.echo.write(whole)
}

// end passes on what has no line break.
func (s *stream) end() error {
	if len(s.rest) == 0 {
		return nil
	}
	return s.echo.write(append(s.rest, '\n'))
}

func (e *echo) write(p []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err := e.to.Write(p)
	return err
}
