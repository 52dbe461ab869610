package build

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/step"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Steps gives what runs the build and push steps of one deployment in the repository's folder, each with what those before it gave out.
// Images that they build are the project's.
func Steps(s *session.Session, project string) func(context.Context, string, []manifest.Step) (manifest.Outputs, error) {
	return func(ctx context.Context, deployment string, list []manifest.Step) (manifest.Outputs, error) {
		outputs := manifest.Outputs{}
		for i, x := range list {
			name := x.ID
			if name == "" {
				name = fmt.Sprintf("number %d", i+1)
			}
			s.Console.Say("%s: step %s", deployment, name)
			x = outputs.Step(x)
			values, err := runStep(ctx, s, project, deployment, x)
			if err != nil {
				return nil, err
			}
			outputs.Add(x, values)
		}
		return outputs, nil
	}
}

func runStep(ctx context.Context, s *session.Session, project, deployment string, x manifest.Step) (map[string]string, error) {
	if err := s.RequireTrust(); err != nil {
		return nil, err
	}
	if x.Image == nil {
		return script(ctx, s, x)
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return nil, err
	}
	i := *x.Image
	if namespace, _ := s.Environ.Lookup("PREFECT_DEFAULT_DOCKER_BUILD_NAMESPACE"); namespace != "" && !strings.Contains(i.Name, "/") {
		i.Name = namespace + "/" + i.Name
	}
	log := image.Prefixed(s.Console.Err(), &sync.Mutex{}, deployment)
	if i.Push {
		return i.Made(""), pushImage(ctx, s, docker, i, log)
	}
	return buildImage(ctx, s, docker, project, i, log)
}

// script runs a shell step. What it prints is shown without what looks like a secret, and not at all where it is one.
func script(ctx context.Context, s *session.Session, x manifest.Step) (map[string]string, error) {
	for name, value := range x.Env {
		for _, part := range secret.Parts(name, value) {
			s.Console.Hide(part)
		}
	}
	place := step.Place{Root: s.Root, Environ: credential.Public(s.Environ), Echo: &withoutSecrets{to: s.Console.Err()}}
	if x.Secret {
		place.Echo, place.Quiet = nil, true
		s.Console.Say("  what it prints is not shown: a secret is made of it")
	}
	out, problems, err := step.Run(ctx, x, place)
	if x.Secret {
		s.Console.Hide(strings.TrimSpace(out))
	}
	return manifest.Printed(out, problems), err
}

// withoutSecrets passes whole lines on, without what looks like a secret in them.
type withoutSecrets struct {
	to    io.Writer
	lines secret.Lines
}

func (w *withoutSecrets) Write(p []byte) (int, error) {
	var b strings.Builder
	for line := range strings.Lines(string(p)) {
		b.WriteString(w.lines.Line(line))
	}
	_, err := io.WriteString(w.to, b.String())
	return len(p), err
}

// buildImage builds an image that is not there yet, and gives it the names that were asked for. The one with the hash of what it is made from
// stays: by that it is found again.
func buildImage(ctx context.Context, s *session.Session, docker *image.Docker, project string, i manifest.ImageStep, log io.Writer) (map[string]string, error) {
	folder := filepath.Join(s.Root, filepath.FromSlash(i.Path))
	p := image.Project{Files: tree.Open(folder), Name: project, Unpinned: finding.Warning, Transient: draft.Transient(s)}
	w := image.Wanted{Name: path.Base(i.Name), Repository: i.Name, Dockerfile: i.Dockerfile, Args: i.Args, Platform: i.Platform}
	if i.Dockerfile == manifest.AutoDockerfile {
		w.Text = render.Whole(filepath.Base(folder), p.Has("requirements.txt"))
	}
	planned := p.Plan(w)
	s.Console.Findings(planned.Findings)
	if planned.Findings.HasErrors() {
		return nil, &fault.Error{
			Code: fault.Findings, What: "the image " + i.Name + " can't be built", Where: i.Dockerfile, Why: "see above", Next: "correct it and run the same command again",
		}
	}
	defer s.Await("the image " + i.Name)()
	made := image.Ensure(ctx, image.WithBuildx(docker, credential.Public(s.Environ)), []image.Planned{planned}, image.Options{Log: func(string) io.Writer { return log }})[0]
	if made.Err != nil {
		return nil, made.Err
	}
	if made.Built {
		s.Console.Say("built %s (%.1f s)", made.Reference, made.Seconds)
	}
	if i.Tag == "" {
		i.Tag = planned.Spec.Tag
	}
	for _, tag := range append([]string{i.Tag}, i.Tags...) {
		if err := docker.Tag(ctx, made.ID, i.Name+":"+tag); err != nil {
			return nil, err
		}
	}
	return i.Made(made.ID), nil
}

// pushImage uploads the names that the registry has not got as they are here.
func pushImage(ctx context.Context, s *session.Session, docker *image.Docker, i manifest.ImageStep, log io.Writer) error {
	if i.Tag == "" {
		i.Tag = "latest"
	}
	for _, tag := range append([]string{i.Tag}, i.Tags...) {
		reference := i.Name + ":" + tag
		pushed, err := image.Publish(ctx, docker, reference, log)
		if err != nil {
			return err
		}
		if pushed {
			s.Console.Say("pushed %s", reference)
		}
	}
	return nil
}
