package config

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Env is the effective settings of one environment. docs/settings.md has a line for each key.
type Env struct {
	Name    string   `koanf:"-"`       // canonical: dev for development, prod for production
	Project string   `koanf:"project"` // letters, digits, dot, dash, underscore
	Server  Server   `koanf:"server"`
	Python  string   `koanf:"python"` // the user's own interpreter; relative paths count from the repository's root
	Naming  string   `koanf:"naming"` // deployment names; holds {flow}, may hold {kind}, {env}, {project}
	Kinds   []string `koanf:"kinds"`
	Paths   []string `koanf:"paths"`   // folders with flows, relative to the repository's root, as fs.FS wants them
	Exclude []string `koanf:"exclude"` // globs below the repository's root

	Pools map[string]Pool `koanf:"pools"` // by kind; each of Kinds is there
	Code  Code            `koanf:"code"`

	Tags         []string          `koanf:"tags"`
	Parameters   map[string]any    `koanf:"parameters"`    // apply only to flows that have such a parameter
	Env          map[string]string `koanf:"env"`           // environment variables of runs
	JobVariables map[string]any    `koanf:"job_variables"` // of the work pool's job
	Schedules    []Schedule        `koanf:"schedules"`
	Concurrency  *int              `koanf:"concurrency"`              // runs at once per deployment, at least 1; nil: no limit
	Enforce      *bool             `koanf:"enforce_parameter_schema"` // nil: Prefect's default, true

	Protect bool `koanf:"protect"` // clean and prune refuse

	Prune bool                `koanf:"prune"` // a deploy deletes our deployments that nothing asks for any more
	Flow  map[string]Override `koanf:"flows"` // by flow name, folder or function

	values  map[string]any      // all layers merged
	folded  map[string][]string // names of overrides as Matches compares them
	origins *origins
}

// Server says which Prefect server. URL ends in /api without a slash behind it, or is a Cloud workspace's; empty only in dev,
// or with a finding.
type Server struct {
	URL string `koanf:"url"`
	UI  string `koanf:"ui"` // empty: see [Server.Dashboard]
}

// Dashboard gives the address of the UI: what `server.ui` says, else what follows from the API's address.
func (s Server) Dashboard() string {
	if s.UI != "" || s.URL == "" {
		return strings.TrimRight(s.UI, "/")
	}
	if rest, ok := strings.CutPrefix(s.URL, cloudAPI); ok {
		rest = strings.Replace(rest, "accounts/", "account/", 1)
		return cloudUI + strings.Replace(rest, "workspaces/", "workspace/", 1)
	}
	return strings.TrimSuffix(s.URL, "/api")
}

// Pool is where deployments of a kind run.
type Pool struct {
	Name  string `koanf:"name"`
	Type  string `koanf:"type"`
	Queue string `koanf:"queue"` // empty: the pool's default queue
}

// Code says where a worker finds the flows.
type Code struct {
	Directory string `koanf:"directory"` // absolute path on the worker's host
}

// Schedule is one schedule. Exactly one of Cron, Interval and RRule is set.
type Schedule struct {
	Cron       string         `koanf:"cron"`
	Interval   any            `koanf:"interval"` // seconds as int or float64; ISO-8601 or H:MM:SS as the text that was written
	RRule      string         `koanf:"rrule"`
	Timezone   string         `koanf:"timezone"`
	AnchorDate string         `koanf:"anchor_date"`
	Slug       string         `koanf:"slug"`
	Active     *bool          `koanf:"active"`
	Parameters map[string]any `koanf:"parameters"`

	Position finding.Position `koanf:"-"` // where it is written
}

// Override is what `flows.<name>` sets for one flow. Nil and empty mean not set.
type Override struct {
	Enabled      *bool             `koanf:"enabled"` // false: not deployed in this environment
	Kinds        []string          `koanf:"kinds"`
	Tags         []string          `koanf:"tags"`
	Parameters   map[string]any    `koanf:"parameters"`
	Env          map[string]string `koanf:"env"`
	JobVariables map[string]any    `koanf:"job_variables"`
	Schedules    []Schedule        `koanf:"schedules"`
	Concurrency  *int              `koanf:"concurrency"`
	Enforce      *bool             `koanf:"enforce_parameter_schema"`
	Protect      *bool             `koanf:"protect"`
	Description  string            `koanf:"description"`
	Version      string            `koanf:"version"`
	// Append names those of kinds, tags and schedules that add to the environment's list; the others replace it.
	Append []string `koanf:"append"`
}

// DeploymentName gives a deployment's name by the `naming` setting. flow is the flow's name made a slug.
func (e Env) DeploymentName(flow, kind string) string {
	return strings.NewReplacer("{flow}", flow, "{kind}", kind, "{env}", e.Name, "{project}", e.Project).Replace(e.Naming)
}
