package command

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/templates"
)

// renderedFolder holds a folder of rendered files for each environment. Git ignores it.
const renderedFolder = "rendered"

// Render writes the files that run the environment's Prefect server on several machines.
func Render(ctx context.Context, s *session.Session, o EnvOptions) error {
	env, scanned, err := session.ScanEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	wanted, err := s.Embedded(env).Python().Wanted(session.Requirements(s, scanned.Flows))
	if err != nil {
		return err
	}
	files, err := render.Spread(s.Tree(), templates.FS, env, installable(s, wanted))
	if err != nil {
		return err
	}
	folder := path.Join(renderedFolder, env.Name)
	names := make([]string, 0, len(files))
	for _, f := range files {
		name := path.Join(folder, f.Path)
		if err := place(s, name, f.Data); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := place(s, path.Join(renderedFolder, ".gitignore"), []byte("*\n")); err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"files": names})
	}
	for _, name := range names {
		s.Console.Printf("rendered  %s\n", name)
	}
	s.Console.Say("no password is in them: docs/scaling.md tells where they go, and how to start it all")
	return nil
}

// installable leaves out what only this machine can install.
func installable(s *session.Session, wanted []string) []string {
	return slices.DeleteFunc(wanted, func(line string) bool {
		_, address, _ := strings.Cut(line, "@ ")
		local := strings.HasPrefix(line, ".") || strings.HasPrefix(line, "/") || strings.HasPrefix(strings.TrimSpace(address), "file:")
		if local {
			s.Console.Warn("the requirement %s is a path on this machine: it is not installed in the image", line)
		}
		return local
	})
}

// place writes a file below the repository's root, whole or not at all.
func place(s *session.Session, name string, data []byte) error {
	err := s.Tree().Write(name, data, 0o644)
	if err == nil {
		return nil
	}
	return &fault.Error{
		Code: fault.Unexpected, What: "a rendered file can't be written", Where: name, Err: tree.Reason(err), Next: tree.Next(err, "make the repository's folder writable"),
	}
}
