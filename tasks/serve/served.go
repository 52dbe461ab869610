package serve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// served gives what is to be served: each flow once, as its first deployment has it; one in processes goes before those in containers.
// Beside it stand those deployments, by the served one's name.
func served(d draft.Rendered) ([]local.Served, map[string]deploy.Desired) {
	var out []local.Served
	wanted := map[string]deploy.Desired{}
	seen, types := map[string]bool{}, d.Env.PoolTypes()
	for _, processes := range []bool{true, false} {
		for _, x := range d.Desired {
			pool, _ := x.Fields["work_pool_name"].(string)
			if seen[x.Flow.Entrypoint] || processes && types[pool] != "process" {
				continue
			}
			seen[x.Flow.Entrypoint] = true
			one := servedAs(d, x)
			out, wanted[one.Name] = append(out, one), x
		}
	}
	return out, wanted
}

func servedAs(d draft.Rendered, x deploy.Desired) local.Served {
	s := local.Served{
		Name: draft.ServedName(d.Env, x.Flow.Slug()), Entrypoint: x.Flow.Entrypoint, Tags: []string{}, Enforce: true,
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
		if text, ok := tag.(string); ok && text != d.Owner().Tag() {
			s.Tags = append(s.Tags, text)
		}
	}
	s.Tags = append(s.Tags, d.Owner().ServeTag())
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
	set("day_or", x.DayOr == nil || *x.DayOr, x.Cron != "") // Prefect 3.2 has another default
	set("interval", x.Interval, x.Interval > 0)
	set("rrule", x.RRule, x.RRule != "")
	set("timezone", x.Timezone, x.Timezone != "")
	set("anchor_date", x.AnchorDate, x.AnchorDate != "")
	set("slug", x.Slug, x.Slug != "")
	set("parameters", x.Parameters, len(x.Parameters) > 0)
	if x.Active != nil {
		out["active"] = *x.Active
	}
	return out
}

// settleServed compares what is to be served with what the server holds: names that belong to somebody else, or to a deployment in a work
// pool, are refused; what a person has paused stays paused. Schedules that are there are edited here, in place, and the changes shown:
// Prefect's runner would wipe them, or be refused (422) where some have slugs and others have none.
func settleServed(
	ctx context.Context, s *session.Session, to session.Server, owner deploy.Owner, list []local.Served, wanted map[string]deploy.Desired, pausing bool,
) error {
	there, err := standing(ctx, to.API, wanted)
	if err != nil {
		return err
	}
	if wrong := notServed(there, owner); len(wrong) > 0 {
		return &fault.Error{
			Code: fault.Refused, What: "these names are taken on the server; nothing is served", Where: to.API.URL(), Why: strings.Join(wrong, "\n"),
			Next: "rename or delete those deployments, serve other flows with -only=, or set prefix: or suffix: in envs/",
		}
	}
	paused := map[string]bool{}
	for _, x := range there {
		changes, err := deploy.SettleSchedules(ctx, to.API, x, wanted[x.Name])
		if len(changes) > 0 {
			err = errors.Join(deploy.WriteUpdate(s.Console.Err(), s.Console.Paint, x.Name, changes), err)
		}
		if err != nil {
			return err
		}
		paused[x.Name] = x.Paused && !pausing // where serving itself pauses at its end, a person's pause can't be told apart
	}
	for i, x := range list {
		list[i].Paused = x.Paused || paused[x.Name]
	}
	return nil
}

// standing gives what the server has of the deployments to be served: those of the name and of the flow, unless the flow's name is known to
// Python alone.
func standing(ctx context.Context, api *prefect.Client, wanted map[string]deploy.Desired) ([]prefect.Deployment, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	there, err := api.Deployments(ctx, prefect.DeploymentFilter{Names: slices.Sorted(maps.Keys(wanted))})
	if err != nil || len(there) == 0 {
		return nil, err
	}
	ids := make([]string, 0, len(there))
	for _, x := range there {
		ids = append(ids, x.FlowID)
	}
	slices.Sort(ids)
	flows, err := api.FlowsByID(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, f := range flows {
		names[f.ID] = f.Name
	}
	return slices.DeleteFunc(there, func(x prefect.Deployment) bool {
		d, asked := wanted[x.Name]
		return !asked || d.Flow.NameExpr == "" && d.Flow.Name != names[x.FlowID]
	}), nil
}

// notServed says which of the deployments are not the owner's to serve, and why.
func notServed(there []prefect.Deployment, owner deploy.Owner) []string {
	var wrong []string
	for _, x := range there {
		switch {
		case x.WorkPoolName != nil:
			wrong = append(wrong, fmt.Sprintf("%s runs in the work pool %s, and serving would take it out of there", x.Name, *x.WorkPoolName))
		case !slices.Contains(x.Tags, owner.ServeTag()):
			wrong = append(wrong, fmt.Sprintf("%s was not made by this project: it lacks the tag %s", x.Name, owner.ServeTag()))
		case !owner.Serves(x.Tags):
			wrong = append(wrong, fmt.Sprintf("%s belongs to somebody else too: its tags are %s", x.Name, strings.Join(x.Tags, ", ")))
		}
	}
	return wrong
}

// Watchable gives the folders in which a change may mean another flow: where flows and what they import lie, and the settings.
func Watchable(s *session.Session, d draft.Rendered) []string {
	folders := []string{"envs"}
	folders = append(folders, d.Env.Paths...)
	for _, f := range d.Flows {
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
