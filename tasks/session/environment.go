package session

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ownership"
)

// LoadEnv loads an environment's settings and shows what is wrong with them. Errors end the command with a fault of code Findings. flags are
// settings that the command itself makes, before all others.
func LoadEnv(ctx context.Context, s *Session, name string, flags map[string]string) (config.Env, error) {
	env, findings, err := s.Settings(ctx, name, flags)
	if err != nil {
		return env, err
	}
	findings = s.Law(ctx, env, env.Marked()).Apply(findings)
	s.Console.Findings(findings)
	if findings.HasErrors() {
		return env, &fault.Error{Code: fault.Findings, What: "the settings have errors", Why: "nothing was done", Next: "correct what is listed above"}
	}
	return env, nil
}

// ScanEnv is [LoadEnv] with the flows. What is wrong in their files is among the result's findings, and has not been shown.
func ScanEnv(ctx context.Context, s *Session, name string) (config.Env, flow.Result, error) {
	env, err := LoadEnv(ctx, s, name, nil)
	if err != nil {
		return env, flow.Result{}, err
	}
	env, scanned, err := s.Scan(ctx, env)
	scanned.Findings = s.Law(ctx, env, scanned.Marked, env.Marked()).Apply(scanned.Findings)
	return env, scanned, err
}

// OpenEnv is [LoadEnv] with a connection, for commands that need nothing of the flows. It starts no server.
func OpenEnv(ctx context.Context, s *Session, name string) (config.Env, Server, ownership.Owner, error) {
	env, err := LoadEnv(ctx, s, name, nil)
	if err != nil {
		return env, Server{}, ownership.Owner{}, err
	}
	to, err := s.Connect(ctx, env, Access{})
	return env, to, OwnerOf(env), err
}

// StartEnv is [ScanEnv] with a connection. The embedded server is started if need be, and its Python gets what the flows need.
func StartEnv(ctx context.Context, s *Session, name string) (config.Env, Server, []flow.Flow, error) {
	env, scanned, err := ScanEnv(ctx, s, name)
	if err != nil {
		return env, Server{}, nil, err
	}
	to, err := s.Connect(ctx, env, Access{Start: true, Flows: scanned.Flows})
	return env, to, scanned.Flows, err
}

// AllSettings loads an environment's settings with those that stand beside flows. It gives what is wrong with any of them, and nothing of what
// is wrong with the flows.
func AllSettings(ctx context.Context, s *Session, name string) (config.Env, finding.List, error) {
	env, findings, err := s.Settings(ctx, name, nil)
	if err != nil {
		return env, findings, err
	}
	env, _, beside, err := scan(ctx, s, env)
	return env, append(findings, beside...), err
}

// PreviewMark stands between the environment's name and the branch's in the names of previews.
const PreviewMark = "preview-"

// OwnerOf says whose an environment's deployments are. Its work pools are the environment's also for those who deploy beside others, under a
// suffix. A preview is a guest there: it does not change the pools, which its branch may want otherwise.
func OwnerOf(env config.Env) ownership.Owner {
	return ownership.Owner{Project: env.Project, Env: env.Scope(), Home: env.Name, Guest: strings.Contains(env.Suffix, "-"+PreviewMark)}
}

// Settings loads an environment's settings; dev's without a name. Literal secrets in them are kept out of what is printed from then on.
func (s *Session) Settings(ctx context.Context, name string, flags map[string]string) (config.Env, finding.List, error) {
	env, findings, err := config.Load(s.Source(ctx, name, flags))
	findings, s.baseMissing = append(findings, s.baseMissing...), nil
	hideLiterals(s, env)
	return env, findings, err
}

// Source says where [Session.Settings] finds an environment's settings, for those who load another environment's, or with other variables.
func (s *Session) Source(ctx context.Context, name string, flags map[string]string) config.Source {
	return config.Source{
		Root: s.Tree(), Env: name, Environ: s.Environ, Flags: flags, Remote: func() string { return s.Git.Remote(ctx) }, Folder: s.Root,
		Base: mergeBase(ctx, s), Shared: shared(ctx, s), Rules: s.allRules(ctx),
	}
}

// Filed is [Session.Source] without variables that point this one command somewhere: what files alone say.
func (s *Session) Filed(ctx context.Context, name string) config.Source {
	source := s.Source(ctx, name, nil)
	source.Environ = s.Environ.Without(func(variable string) bool { return strings.HasPrefix(strings.ToUpper(variable), "FLOWMAGE_") })
	return source
}

// Scan finds the flows where the settings say, and adds the settings that stand beside them. What is wrong with those is among the result's
// findings.
func (s *Session) Scan(ctx context.Context, env config.Env) (config.Env, flow.Result, error) {
	env, scanned, beside, err := scan(ctx, s, env)
	scanned.Findings = append(scanned.Findings, beside...)
	return env, scanned, err
}

// scan gives what is wrong with the settings beside flows by itself.
func scan(ctx context.Context, s *Session, env config.Env) (config.Env, flow.Result, finding.List, error) {
	scanned, err := Discover(ctx, s, env, flow.Options{Paths: env.Paths, Exclude: env.Exclude})
	if err != nil {
		return env, scanned, nil, err
	}
	env, findings := env.Beside(s.Tree(), scanned.Settings)
	folders := make([]string, 0, len(scanned.Flows))
	for _, f := range scanned.Flows {
		folders = append(folders, f.Dir())
	}
	env, moved := env.Kept(s.Tree(), folders)
	hideLiterals(s, env)
	return env, scanned, append(findings, moved...), nil
}

// shared tells of files whether git keeps them: others are one person's own. Without a repository all will be shared when there is one.
func shared(ctx context.Context, s *Session) func(file string) bool {
	return func(file string) bool {
		tracked, err := s.Git.Tracked(ctx, file)
		return err != nil || tracked[filepath.ToSlash(s.Relative(s.File(file)))]
	}
}
