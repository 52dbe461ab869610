// Package render writes prefect.yaml for one environment from settings, flows and a template. It is pure: the same input gives the
// same text, and nothing outside is touched.
//
// Start with [Deployments], which decides what is deployed where, and [Prefect], which writes it through the template
// prefect.yaml.tmpl. The text is the desired state: what it says is what gets deployed, so a user's own template counts. [Tree] gives what reading
// the built-in template's text would give.
package render

import (
	"cmp"
	"io/fs"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
)

// Manifest is the template of prefect.yaml.
const Manifest = "prefect.yaml.tmpl"

// PrefectVersion is the release that the template's output is written for.
const PrefectVersion = "3.8.8"

// Deployment is what a template sees of one deployment. Values are plain; a template writes them with its function `yaml`.
type Deployment struct {
	Name        string
	Flow        string
	Kind        string // a kind.Kind, as plain as all that a template sees
	Entrypoint  string
	Version     string
	Description string
	Tags        []string
	Parameters  map[string]any
	Schedules   []map[string]any
	config.Fields
	Pull         []map[string]any
	Pool         Pool
	JobVariables map[string]any
}

// Pool is where a deployment runs.
type Pool struct {
	Name  string
	Type  string
	Queue string // empty: the pool's default queue
}

// input is the template's dot.
type input struct {
	Project        string
	Env            string
	PrefectVersion string
	Deployments    []Deployment
}

// Prefect writes prefect.yaml through the template prefect.yaml.tmpl, the user's own or the built-in one (see [Execute]).
func Prefect(own, builtIn fs.FS, env config.Env, deployments []Deployment) ([]byte, error) {
	return Execute(own, builtIn, Manifest, input{
		Project: env.Project, Env: env.Name, PrefectVersion: PrefectVersion, Deployments: deployments,
	})
}

// Options are what the deployments need besides settings and flows.
type Options struct {
	Owner    string                       // the tag by which deployments are known as ours
	Declares func(flow.Flow, string) bool // whether a flow has a parameter of that name
	Images   map[string]string            // the images of container deployments, by entrypoint
	Commits  map[string]string            // the commits that last touched the flows' files, by entrypoint
	// Rendered tells whether a flow's deployment of a kind is wanted; nil: all are.
	Rendered func(flow.Flow, kind.Kind) bool
	// User is the uid:gid that containers run with; empty: the image's own.
	User   string
	Remote string // the repository's own address, where the settings name none
}

// Deployments gives the environment's deployments of the flows: one for each kind of each enabled flow, sorted by name. Each carries
// the owner's tag. Flows are worked on side by side, so the functions in o must bear that.
func Deployments(env config.Env, flows []flow.Flow, o Options) []Deployment {
	each := make([][]Deployment, len(flows))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range flows {
		group.Go(func() error {
			each[i] = deploymentsOf(env, f, o)
			return nil
		})
	}
	_ = group.Wait() // none of them fails
	out := slices.Concat(each...)
	slices.SortFunc(out, func(a, b Deployment) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Flow, b.Flow)) })
	return out
}

// deploymentsOf gives the deployments of one flow.
func deploymentsOf(env config.Env, f flow.Flow, o Options) []Deployment {
	s := env.Settings(f.Names()...)
	if !s.Enabled {
		return nil
	}
	out := make([]Deployment, 0, len(s.Kinds))
	for _, k := range s.Kinds {
		p := s.Pools[k]
		if o.Rendered != nil && !o.Rendered(f, k) {
			continue
		}
		d := Deployment{
			Name: s.DeploymentName(f.Slug(), k), Flow: f.Name, Kind: string(k),
			Entrypoint: f.Entrypoint, Version: cmp.Or(s.Version, f.Version), Description: cmp.Or(s.Description, f.Description),
			Tags:       tags(s.Tags, o.Owner),
			Parameters: s.ParametersFor(func(name string) bool { return o.Declares(f, name) }),
			Schedules:  schedules(s.Schedules), Fields: s.Fields,
			Pull: pull(s.Code, f, o), Pool: Pool{p.Name, p.Type, p.Queue}, JobVariables: jobVariables(s),
		}
		if k.NeedsImage() {
			d.Pull = inImage()
			inContainer(d.JobVariables, s, s.Code, d.Pool.Type, o.Images[f.Entrypoint], o.User)
		}
		out = append(out, d)
	}
	return out
}

// jobVariables stay empty where nothing is set: validating them is half of the server's work for a new deployment.
func jobVariables(s config.Settings) map[string]any {
	out := map[string]any{}
	maps.Copy(out, s.JobVariables)
	if len(s.Env) > 0 {
		env := map[string]any{}
		for k, v := range s.Env {
			env[k] = v
		}
		out["env"] = env
	}
	return out
}

func schedules(list []config.Schedule) []map[string]any {
	out := make([]map[string]any, 0, len(list))
	for _, s := range list {
		item := map[string]any{}
		for key, value := range map[string]string{
			"cron": s.Cron, "rrule": s.RRule, "timezone": s.Timezone, "anchor_date": s.AnchorDate, "slug": s.Slug,
		} {
			if value != "" {
				item[key] = value
			}
		}
		if s.Interval != nil {
			item["interval"] = s.Interval
		}
		if s.Active != nil {
			item["active"] = *s.Active
		}
		if len(s.Parameters) > 0 {
			item["parameters"] = s.Parameters
		}
		out = append(out, item)
	}
	return out
}

// tags gives the declared tags and the owner's, which Prefect's own client must store too, or its deployments would not be ours.
func tags(declared []string, owner string) []string {
	if slices.Contains(declared, owner) {
		return declared
	}
	return append(slices.Clone(declared), owner)
}
