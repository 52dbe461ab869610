package command

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// servedName is the name of the deployment that a flow is served as: never that of one in a work pool, which Prefect's runner would take
// out of its pool.
func servedName(env config.Env, slug string) string {
	return env.Prefix + slug + servedSuffix(env)
}

func servedSuffix(env config.Env) string { return "-serve-" + env.Name + env.Suffix }

// served gives what is to be served: each flow once, as its first deployment has it; one in processes goes before those in containers.
// Beside it stand the schedules, by the served deployment's name.
func served(d draft) ([]local.Served, map[string][]manifest.Schedule) {
	var out []local.Served
	schedules := map[string][]manifest.Schedule{}
	seen, types := map[string]bool{}, d.env.PoolTypes()
	for _, processes := range []bool{true, false} {
		for _, x := range d.desired {
			pool, _ := x.Fields["work_pool_name"].(string)
			if seen[x.Flow.Entrypoint] || processes && types[pool] != "process" {
				continue
			}
			seen[x.Flow.Entrypoint] = true
			one := servedAs(d, x)
			out, schedules[one.Name] = append(out, one), x.Schedules
		}
	}
	return out, schedules
}

func servedAs(d draft, x deploy.Desired) local.Served {
	s := local.Served{
		Name: servedName(d.env, x.Flow.Slug()), Entrypoint: x.Flow.Entrypoint, Tags: []string{}, Enforce: true,
		Schedules: []map[string]any{}, Concurrency: x.Fields["concurrency_limit"],
	}
	s.Description, _ = x.Fields["description"].(string)
	s.Version, _ = x.Fields["version"].(string)
	s.Parameters, _ = x.Fields["parameters"].(map[string]any)
	if enforce, set := x.Fields["enforce_parameter_schema"].(bool); set {
		s.Enforce = enforce
	}
	s.Paused, _ = x.Fields["paused"].(bool)
	tags, _ := x.Fields["tags"].([]any)
	for _, tag := range tags {
		if text, ok := tag.(string); ok && text != d.owner().Tag() {
			s.Tags = append(s.Tags, text)
		}
	}
	s.Tags = append(s.Tags, d.owner().ServeTag())
	for _, schedule := range x.Schedules {
		s.Schedules = append(s.Schedules, scheduleOf(schedule))
	}
	s.Env = variablesOf(x)
	return s
}

// variablesOf gives the environment variables of a deployment's runs, those that only a worker could fill in included.
func variablesOf(x deploy.Desired) map[string]string {
	out := map[string]string{}
	job, _ := x.Fields["job_variables"].(map[string]any)
	env, _ := job["env"].(map[string]any)
	for name, value := range env {
		out[name] = fmt.Sprint(value)
	}
	return out
}

// withoutBlocks takes out of what is to be served the variables that name blocks and variables of Prefect, and gives their names.
func withoutBlocks(list []local.Served) []string {
	var left []string
	for _, x := range list {
		for name, value := range x.Env {
			if strings.Contains(value, "{{") {
				delete(x.Env, name)
				left = append(left, name)
			}
		}
	}
	slices.Sort(left)
	return slices.Compact(left)
}

// scheduleOf gives a schedule in the words of Prefect's Schedule.
func scheduleOf(x manifest.Schedule) map[string]any {
	out := map[string]any{}
	set := func(key string, value any, wanted bool) {
		if wanted {
			out[key] = value
		}
	}
	set("cron", x.Cron, x.Cron != "")
	set("interval", x.Interval, x.Interval > 0)
	set("rrule", x.RRule, x.RRule != "")
	set("timezone", x.Timezone, x.Timezone != "")
	set("anchor_date", x.AnchorDate, x.AnchorDate != "")
	set("slug", x.Slug, x.Slug != "")
	set("parameters", x.Parameters, len(x.Parameters) > 0)
	if x.DayOr != nil {
		out["day_or"] = *x.DayOr
	}
	if x.Active != nil {
		out["active"] = *x.Active
	}
	return out
}

// settleServed compares what is to be served with what the server holds: names that belong to somebody else, or to a deployment in a work
// pool, are refused; what a person has paused stays paused. Schedules that are there are edited here, in place: Prefect's runner would wipe
// them, or be refused (422) where some have slugs and others have none.
func (s *Session) settleServed(
	ctx context.Context, to server, owner deploy.Owner, list []local.Served, schedules map[string][]manifest.Schedule, pausing bool,
) error {
	names := make([]string, 0, len(list))
	for _, x := range list {
		names = append(names, x.Name)
	}
	if len(names) == 0 {
		return nil
	}
	there, err := to.api.Deployments(ctx, prefect.DeploymentFilter{Names: names})
	if err != nil {
		return err
	}
	var wrong []string
	for _, d := range there {
		switch {
		case d.WorkPoolName != nil:
			wrong = append(wrong, fmt.Sprintf("%s runs in the work pool %s, and serving would take it out of there", d.Name, *d.WorkPoolName))
		case !slices.Contains(d.Tags, owner.ServeTag()):
			wrong = append(wrong, fmt.Sprintf("%s was not made by this project: it lacks the tag %s", d.Name, owner.ServeTag()))
		}
	}
	if len(wrong) > 0 {
		return &fault.Error{
			Code: fault.Refused, What: "these names are taken on the server; nothing is served", Where: to.api.URL(), Why: strings.Join(wrong, "\n"),
			Next: "rename or delete those deployments, serve other flows with -only=, or set prefix: or suffix: in envs/",
		}
	}
	for _, d := range there {
		i := slices.IndexFunc(list, func(x local.Served) bool { return x.Name == d.Name })
		paused, err := deploy.SettleSchedules(ctx, to.api, d, schedules[d.Name])
		if err != nil {
			return err
		}
		// Where serving itself pauses at its end, a person's pause can't be told apart.
		list[i].Paused = list[i].Paused || d.Paused && !pausing
		for k := range paused {
			list[i].Schedules[k]["active"] = false
		}
	}
	return nil
}

// watchable gives the folders in which a change may mean another flow: where flows and what they import lie, and the settings.
func (s *Session) watchable(d draft) []string {
	folders := []string{"envs"}
	folders = append(folders, d.env.Paths...)
	for _, f := range d.flows {
		for _, file := range f.Files {
			folders = append(folders, filepath.ToSlash(filepath.Dir(file)))
		}
	}
	slices.Sort(folders)
	var out []string
	for _, folder := range slices.Compact(folders) {
		path := filepath.Join(s.Root, filepath.FromSlash(folder))
		below := slices.ContainsFunc(out, func(o string) bool { return strings.HasPrefix(path, o+string(filepath.Separator)) })
		if !below && exists(path) {
			out = append(out, path)
		}
	}
	return out
}
