package session

import (
	"context"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// OwnerOf says whose an environment's deployments are. The work pools are the environment's, also for those who deploy beside others; a
// preview, whose branch may want them otherwise, does not change them.
func OwnerOf(env config.Env) deploy.Owner {
	return deploy.Owner{Project: env.Project, Env: env.Scope(), Home: env.Name, Guest: strings.Contains(env.Suffix, "-"+PreviewMark)}
}

// LoadEnv loads settings and ends with code Findings when they have errors.
func LoadEnv(ctx context.Context, s *Session, name string) (config.Env, error) {
	env, findings, err := s.Settings(ctx, name)
	if err != nil {
		return env, err
	}
	s.Console.Findings(findings)
	if findings.HasErrors() {
		return env, &fault.Error{Code: fault.Findings, What: "the settings have errors", Why: "nothing was done", Next: "correct what is listed above"}
	}
	return env, nil
}

// ScanEnv is sound with the flows. What is wrong in their files is among the result's findings, and shown by nobody yet.
func ScanEnv(ctx context.Context, s *Session, name string) (config.Env, flow.Result, error) {
	env, err := LoadEnv(ctx, s, name)
	if err != nil {
		return env, flow.Result{}, err
	}
	return s.Scan(ctx, env)
}

// StartEnv is surveyed with the server, which is started where that is ours to do, with the packages of all flows.
func StartEnv(ctx context.Context, s *Session, name string) (config.Env, Server, []flow.Flow, error) {
	env, scanned, err := ScanEnv(ctx, s, name)
	if err != nil {
		return env, Server{}, nil, err
	}
	to, err := s.Connect(ctx, env, Access{Start: true, Flows: scanned.Flows})
	return env, to, scanned.Flows, err
}

// OpenEnv loads the settings and connects, for commands that need nothing of the flows.
func OpenEnv(ctx context.Context, s *Session, name string) (config.Env, Server, deploy.Owner, error) {
	env, err := LoadEnv(ctx, s, name)
	if err != nil {
		return env, Server{}, deploy.Owner{}, err
	}
	to, err := s.Connect(ctx, env, Access{})
	return env, to, OwnerOf(env), err
}

// PreviewMark stands between the environment's name and the branch's in the names of previews.
const PreviewMark = "preview-"

// AllSettings loads an environment's settings with those beside flows. The findings are about settings alone.
func AllSettings(ctx context.Context, s *Session, name string) (config.Env, finding.List, error) {
	env, findings, err := s.Settings(ctx, name)
	if err != nil {
		return env, findings, err
	}
	env, scanned, err := s.Scan(ctx, env)
	for _, f := range scanned.Findings {
		if path.Base(f.Position.File) == config.BesideFile {
			findings = append(findings, f)
		}
	}
	return env, findings, err
}
