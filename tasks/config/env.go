package config

import (
	"cmp"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Env is the effective settings of one environment. docs/settings.md has a line for each key.
type Env struct {
	Name    string   `koanf:"-"`       // canonical: dev for development, prod for production
	Project string   `koanf:"project"` // letters, digits, dot, dash, underscore
	Server  Server   `koanf:"server"`
	Python  string   `koanf:"python"`  // the user's own interpreter; relative paths count from the repository's root
	Prefix  string   `koanf:"prefix"`  // in front of every deployment's name, {user} filled in
	Suffix  string   `koanf:"suffix"`  // behind it
	Paths   []string `koanf:"paths"`   // folders with flows, relative to the repository's root, as fs.FS wants them
	Exclude []string `koanf:"exclude"` // globs below the repository's root

	Containers string            `koanf:"containers"` // on, off, or auto: skipped where they are impossible
	Schemas    string            `koanf:"schemas"`    // where parameter schemas come from: source, or python, which asks Prefect
	Secrets    map[string]string `koanf:"secrets"`    // files with the values of {{ $NAME }}, by NAME
	Prune      bool              `koanf:"prune"`      // a deploy deletes our deployments that nothing asks for any more
	Guards     Guards            `koanf:"guards"`
	Scale      Scale             `koanf:"scale"`
	Rules      Rulings           `koanf:"rules"` // what becomes of findings

	Enabled    *bool             `koanf:"enabled"` // false: only flows are deployed whose own settings say so; nil is true
	Deployment `koanf:",squash"` // each of its kinds has a pool; its parameters apply only to flows that have them

	Flow map[string]Override `koanf:"flows"` // by flow name, folder or function

	values  map[string]any      // all layers merged
	folded  map[string][]string // names of overrides as Matches compares them
	origins *origins
	beside  map[string]Override // by the path of the flow.yaml file
	sharing func(file string) bool
	late    map[string]Override // what variables and flags set, once more: it goes over beside
	without []kind.Kind         // kinds that are left out
	base    *Base               // whose guards count; nil: the repository's own
	marked  []string            // files in which something may be ignored
}

// Deployment is what the environment sets for the deployments of all flows and `flows.<name>` for those of one, which goes over it key by key: see
// [laid]. Nil and empty mean not set.
type Deployment struct {
	Naming       string             `koanf:"naming"` // of deployments; holds {flow}, may hold {kind}, {env}, {project}
	Kinds        []kind.Kind        `koanf:"kinds"`
	Pools        map[kind.Kind]Pool `koanf:"pools"`
	Tags         []string           `koanf:"tags"`
	Parameters   map[string]any     `koanf:"parameters"`
	Env          map[string]string  `koanf:"env"`           // environment variables of runs
	JobVariables map[string]any     `koanf:"job_variables"` // of the work pool's job
	Schedules    []Schedule         `koanf:"schedules"`
	Paused       *bool              `koanf:"pause_schedules"` // every schedule is inactive
	Fields       `koanf:",squash"`
	Protect      *bool     `koanf:"protect"` // clean and prune refuse
	Container    Container `koanf:",squash"`
	Code         Code      `koanf:"code" merge:"choice"`
}

// Protected tells whether nothing of it may be deleted.
func (d Deployment) Protected() bool { return d.Protect != nil && *d.Protect }

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
	if rest, ok := strings.CutPrefix(s.URL, setting.CloudAPI); ok {
		rest = strings.Replace(rest, "accounts/", "account/", 1)
		return setting.CloudUI + strings.Replace(rest, "workspaces/", "workspace/", 1)
	}
	return strings.TrimSuffix(s.URL, "/api")
}

// Pool is where deployments of a kind run, and how that work pool shall be: see pool.Stated.
type Pool struct {
	Name   string `koanf:"name"`
	Type   string `koanf:"type"`
	Queue  string `koanf:"queue"` // of a kind's or flow's deployments; empty: the pool's default queue
	Upkeep `koanf:",squash"`

	// What follows for the pool as it is wanted.
	Places map[string]string `koanf:"-"` // where each of its settings stands, as a key of [Env.Origin]
	// Base is the base job template as plain JSON values; nil: whatever the server has.
	Base     map[string]any   `koanf:"-"`
	Position finding.Position `koanf:"-"` // where the settings name it
}

// Stated tells whether the settings say more of it than name and type.
func (p Pool) Stated() bool { return !reflect.DeepEqual(p.Upkeep, Upkeep{}) }

// Key gives the settings key of one of the settings of a pool with places, such as pools.python.defaults of defaults.
func (p Pool) Key(name string) string { return cmp.Or(p.Places[name], p.Places["name"]) }

// Upkeep is what a work pool is kept equal to, besides its type.
type Upkeep struct {
	Concurrency *int             `koanf:"concurrency"` // runs at once in the pool, 0 or more; nil: no limit
	Template    string           `koanf:"template"`    // file with the base job template, from the repository's root; empty: the type's own
	Defaults    map[string]any   `koanf:"defaults"`    // of the template's variables
	Queues      map[string]Queue `koanf:"queues"`      // nil: nobody looks at them
}

// Queue is one of a work pool's queues.
type Queue struct {
	Concurrency *int `koanf:"concurrency"` // runs at once; nil: no limit
	Priority    *int `koanf:"priority"`    // 1 is served first; nil: the server's choice
}

// Code says where a worker finds the flows. At most one field is set: another kind of place replaces the one below it, of the same kind the parts merge.
type Code struct {
	Directory string  `koanf:"directory"` // absolute path on the worker's host
	Git       *Git    `koanf:"git"`
	Remote    *Remote `koanf:"remote"`
	Block     string  `koanf:"block"` // a storage block: type/name
}

// Missing tells whether no source is set.
func (c Code) Missing() bool {
	return c.Directory == "" && c.Git == nil && c.Remote == nil && c.Block == ""
}

// Git is a clone that each run makes.
type Git struct {
	Repository  string `koanf:"repository"`  // empty: the remote origin
	Branch      string `koanf:"branch"`      // empty: the remote's default
	Pin         string `koanf:"pin"`         // commit (the default): what touched the flow's files last; branch: its head at run time
	Credentials string `koanf:"credentials"` // a block: type/name; of type secret: an access token
	Submodules  *bool  `koanf:"submodules"`  // nil: no
}

// Remote is a folder that fsspec can read, copied for each run.
type Remote struct {
	URL      string         `koanf:"url"`
	Settings map[string]any `koanf:"settings"` // of the file system, such as key and secret
}

// Guards are what a deploy to the environment refuses or asks about.
type Guards struct {
	CleanTree    bool     `koanf:"clean_tree"`    // no changes outside a commit
	Branches     []string `koanf:"branches"`      // globs; empty: from any
	PinnedImages bool     `koanf:"pinned_images"` // no image by a tag that can be moved
	OwnServer    bool     `koanf:"own_server"`    // not dev's
	Confirm      bool     `koanf:"confirm"`       // ask before deletions
}

// Guarded tells whether the environment is production, or has a guard as that has: there nothing is taken for known that can be looked up.
func (e Env) Guarded() bool {
	g := e.Guards
	return e.Name == production || g.CleanTree || g.PinnedImages || g.OwnServer || g.Confirm || len(g.Branches) > 0
}

// Container is what only deployments that need an image have.
type Container struct {
	Image    Image    `koanf:"image"`
	Networks []string `koanf:"networks"`
	Volumes  []string `koanf:"volumes"` // host:container[:mode]; a relative host path counts from the code's folder
	Memory   string   `koanf:"memory"`  // a number with b, k, m or g
}

// Image says how images are built, named and fetched.
type Image struct {
	Registry   string            `koanf:"registry"`   // empty: images stay on this machine
	Pin        string            `koanf:"pin"`        // digest, or tag (the default)
	Pull       string            `koanf:"pull"`       // Docker's policy; empty: the pool's
	Platform   string            `koanf:"platform"`   // such as linux/amd64; empty: this machine's
	Base       string            `koanf:"base"`       // of the built-in Dockerfile
	Dockerfile string            `koanf:"dockerfile"` // from the repository's root; empty: the flow's own, else the built-in one
	BuildArgs  map[string]string `koanf:"build_args"`
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
	Enabled      *bool    `koanf:"enabled"`      // false: not deployed in this environment
	Environments []string `koanf:"environments"` // the only ones it is deployed in
	Description  string   `koanf:"description"`
	Version      string   `koanf:"version"`
	Deployment   `koanf:",squash"`
	// Append names those lists that add to the environment's; the others replace it.
	Append []string `koanf:"append"`
}

// Fields are those of a deployment that are one value each: settings, overrides and templates all have them, and manifests by names of their own. Nil
// means not set.
type Fields struct {
	Concurrency *int  `koanf:"concurrency" manifest:"concurrency_limit"`                     // runs at once, at least 1; nil: no limit
	Enforce     *bool `koanf:"enforce_parameter_schema" manifest:"enforce_parameter_schema"` // nil: Prefect's default, true
}

// Appends implements [setting.Appending].
func (o *Override) Appends(keys []string) { o.Append = keys }

// Scope is the name under which the environment's deployments are known: its own, and with a prefix or a suffix one that keeps them
// apart from everybody else's on the same server.
func (e Env) Scope() string {
	parts := []string{e.Name}
	for _, part := range []string{e.Prefix, e.Suffix} {
		if part = strings.Trim(part, "-._"); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "-")
}

// Without gives the environment without the deployments of some kinds.
func (e Env) Without(kinds ...kind.Kind) Env {
	e.without = slices.Concat(e.without, kinds)
	e.Kinds = slices.DeleteFunc(slices.Clone(e.Kinds), func(k kind.Kind) bool { return slices.Contains(kinds, k) })
	return e
}

// leavesOut tells whether nothing is deployed in a kind, though settings name it.
func (e Env) leavesOut(k kind.Kind) bool {
	return slices.Contains(e.without, k) || k.NeedsImage() && e.Containers == "off"
}

// AllKinds gives the kinds that any flow may be deployed in, sorted.
func (e Env) AllKinds() []kind.Kind {
	kinds := slices.Clone(e.Kinds)
	for o := range e.overrides() {
		kinds = append(kinds, o.Kinds...)
	}
	slices.Sort(kinds)
	return slices.DeleteFunc(slices.Compact(kinds), e.leavesOut)
}

// Overriding gives what is set for single flows by name, the sets that count for more last. A variable's word about one flow stands in the first
// too; there it lost its place above files beside flows.
func (e Env) Overriding() []map[string]Override {
	return []map[string]Override{e.Flow, e.beside, e.late}
}

// overrides gives what is set for single flows, wherever it is set.
func (e Env) overrides() iter.Seq[Override] {
	return func(yield func(Override) bool) {
		for _, set := range e.Overriding() {
			for _, o := range set {
				if !yield(o) {
					return
				}
			}
		}
	}
}
