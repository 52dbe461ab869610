// Package render writes prefect.yaml for one environment from settings, flows and a template. It is pure: the same input gives the
// same text, and nothing outside is touched.
//
// Start with [Deployments], which decides what is deployed where, and [Prefect], which writes it through the template
// prefect.yaml.tmpl. The text is the desired state: what it says is what gets deployed, so a user's own template counts.
package render

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
)

// PrefectVersion is the release that the template's output is written for.
const PrefectVersion = "3.8.8"

// Deployment is what a template sees of one deployment. Values are plain; a template writes them with its function `yaml`.
type Deployment struct {
	Name         string
	Flow         string
	Kind         string
	Entrypoint   string
	Version      string
	Description  string
	Tags         []string
	Parameters   map[string]any
	Schedules    []map[string]any
	Concurrency  *int
	Enforce      *bool
	Pull         []map[string]any
	Pool         config.Pool
	JobVariables map[string]any
}

// input is the template's dot.
type input struct {
	Project        string
	Env            string
	PrefectVersion string
	Deployments    []Deployment
}

// Prefect writes prefect.yaml. A template file templates/prefect.yaml.tmpl in own, the user's repository, is taken instead of the
// built-in one. A fault in the template is a *fault.Error with its file and line.
func Prefect(own, builtIn fs.FS, env config.Env, deployments []Deployment) ([]byte, error) {
	const name = "prefect.yaml.tmpl"
	text, err := fs.ReadFile(own, "templates/"+name)
	if err != nil {
		if text, err = fs.ReadFile(builtIn, name); err != nil {
			return nil, fmt.Errorf("the built-in template: %w", err)
		}
	}
	t, err := template.New(name).Option("missingkey=error").Funcs(template.FuncMap{"yaml": inline}).Parse(string(text))
	if err != nil {
		return nil, templateFault(err)
	}
	var out bytes.Buffer
	dot := input{Project: env.Project, Env: env.Name, PrefectVersion: PrefectVersion, Deployments: deployments}
	if err := t.Execute(&out, dot); err != nil {
		return nil, templateFault(err)
	}
	return out.Bytes(), nil
}

// place finds the line and the message in text/template's error texts.
var place = regexp.MustCompile(`^template: prefect\.yaml\.tmpl:(\d+)(?::\d+)?: (.*)$`)

func templateFault(err error) error {
	f := &fault.Error{
		Code: fault.Findings, What: "the template can't be used", Where: "templates/prefect.yaml.tmpl", Why: err.Error(),
		Next: "correct it, or remove your copy to use the built-in one. Known names: " + strings.Join(names(), ", "), Err: err,
	}
	if m := place.FindStringSubmatch(err.Error()); m != nil {
		f.Where += ":" + m[1]
		f.Why = m[2]
	}
	return f
}

func names() []string {
	return []string{
		".Project", ".Env", ".Deployments", "and of each deployment .Name", ".Flow", ".Kind", ".Entrypoint", ".Version", ".Description",
		".Tags", ".Parameters", ".Schedules", ".Concurrency", ".Enforce", ".Pull", ".Pool.Name", ".Pool.Type", ".Pool.Queue", ".JobVariables",
	}
}

// Options are what the deployments need besides settings and flows.
type Options struct {
	Owner    string                       // the tag by which deployments are known as ours
	Declares func(flow.Flow, string) bool // whether a flow has a parameter of that name
	Images   map[string]string            // the images of container deployments, by entrypoint
	Commits  map[string]string            // the commits that last touched the flows' files, by entrypoint
	Remote   string                       // the repository's own address, where the settings name none
}

// Deployments gives the environment's deployments of the flows: one for each kind of each enabled flow, sorted by name. Each carries
// the owner's tag.
func Deployments(env config.Env, flows []flow.Flow, o Options) []Deployment {
	var out []Deployment
	for _, f := range flows {
		s := env.Settings(f.Names()...)
		if !s.Enabled {
			continue
		}
		for _, kind := range s.Kinds {
			d := Deployment{
				Name: s.DeploymentName(f.Slug(), kind), Flow: f.Name, Kind: kind,
				Entrypoint: f.Entrypoint, Version: cmp.Or(s.Version, f.Version), Description: cmp.Or(s.Description, f.Description),
				Tags:       tags(s.Tags, o.Owner),
				Parameters: s.ParametersFor(func(name string) bool { return o.Declares(f, name) }),
				Schedules:  schedules(s.Schedules), Concurrency: s.Concurrency, Enforce: s.Enforce,
				Pull: pull(env.Code, f, o), Pool: s.Pools[kind], JobVariables: jobVariables(s),
			}
			if kind == "container" {
				d.Pull = inImage()
				inContainer(d.JobVariables, s, env.Code, d.Pool.Type, o.Images[f.Entrypoint])
			}
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Deployment) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Flow, b.Flow)) })
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
		// Prefect's own client refuses a schedule without a slug once the server has one with.
		if s.Slug == "" {
			item["slug"] = manifest.DefaultSlug(len(list) == 1, fmt.Sprint(s.Cron, s.Interval, s.RRule, s.Timezone, s.AnchorDate))
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
