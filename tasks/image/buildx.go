package image

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
)

// WithBuildx builds Dockerfiles that need BuildKit with `docker buildx build`, because BuildKit asks its client back while it works, which
// the API's own client can't answer. Everything else goes to in.
func WithBuildx(in Interface, environ []string) Interface { return &buildx{in, environ} }

type buildx struct {
	Interface
	environ []string
}

// Build runs the command line for what needs it.
func (b *buildx) Build(ctx context.Context, s Spec, log io.Writer) (string, error) {
	if !s.BuildKit {
		return b.Interface.Build(ctx, s, log)
	}
	why := readDockerfile(s.Text).buildKit
	if err := b.present(ctx, s, why); err != nil {
		return "", err
	}
	scratch, err := os.MkdirTemp("", "flowmage-image-")
	if err != nil {
		return "", &fault.Error{Code: fault.Image, What: "no temporary folder", Err: err, Next: "set TMPDIR to a folder that you may write to"}
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // a temporary folder that stays does no harm
	file := filepath.Join(scratch, "id")
	body, feed := io.Pipe()
	go func() { feed.CloseWithError(s.complete().stream(feed)) }()
	defer body.Close() //nolint:errcheck // it only ends the feeder
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, "docker", arguments(s, file)...)
	// Values of arguments go through the environment, where other users don't see them.
	cmd.Env = b.environ
	for _, list := range []map[string]string{s.Args, s.Transient.Args} {
		for name, value := range list {
			cmd.Env = append(slices.Clip(cmd.Env), name+"="+value)
		}
	}
	both := io.MultiWriter(log, &said) // one for both streams, so that they don't write at once
	cmd.Stdin, cmd.Stdout, cmd.Stderr = body, both, both
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", buildFault(s, failedStep(said.String()), "docker buildx", err)
	}
	id, err := os.ReadFile(file)
	if err != nil {
		return "", buildFault(s, progress{}, "docker buildx", err)
	}
	return strings.TrimSpace(string(id)), nil
}

func arguments(s Spec, idFile string) []string {
	out := []string{"buildx", "build", "--load", "--progress=plain", "--iidfile", idFile, "--file", dockerfileName}
	if s.Platform != "" {
		out = append(out, "--platform", s.Platform)
	}
	for name, value := range labelsOf(s) {
		out = append(out, "--label", name+"="+value)
	}
	names := slices.Concat(slices.Collect(maps.Keys(s.Args)), slices.Collect(maps.Keys(s.Transient.Args)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		out = append(out, "--build-arg", name)
	}
	return append(out, "-")
}

// present tells who has no buildx how to go on.
func (b *buildx) present(ctx context.Context, s Spec, why string) error {
	cmd := exec.CommandContext(ctx, "docker", "buildx", "version")
	cmd.Env = b.environ
	err := cmd.Run()
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, exec.ErrNotFound) {
		why += ", and there is no docker command"
	}
	return &fault.Error{
		Code: fault.Image, What: "the Dockerfile of " + s.Name + " needs BuildKit", Where: s.Dockerfile, Why: why,
		Next: "install Docker's command line with its plugin buildx, or write the Dockerfile without it",
	}
}

var buildxStep = pattern.New(`(?m)^ > (.*?):?$`)

// failedStep finds the step in BuildKit's closing words.
func failedStep(text string) progress {
	p := progress{lines: strings.Split(text, "\n")}
	if m := buildxStep.FindStringSubmatch(text); m != nil {
		p.step = m[1]
	}
	return p
}
