package session

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/tree"
)

// EnsurePython gives the Python in which programs for the environment run, with all that its flows need. That of the embedded server has it.
func EnsurePython(ctx context.Context, s *Session, to Server, env config.Env, flows []flow.Flow) (*local.Local, error) {
	if to.Embedded != nil {
		return to.Embedded, nil
	}
	l := s.Embedded(env)
	return l, l.EnsurePackages(ctx, Requirements(s, flows))
}

// Requirements lists the requirements files that the flows need: the repository's own and those beside the flows.
func Requirements(s *Session, flows []flow.Flow) []string {
	var out []string
	add := func(name string) {
		if info, err := fs.Stat(s.Tree(), name); (err == nil && !info.IsDir() || errors.Is(err, tree.ErrOutside)) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	add("pyproject.toml")
	add("requirements.txt")
	for _, f := range flows {
		add(path.Join(path.Dir(f.File), "requirements.txt"))
	}
	return out
}
