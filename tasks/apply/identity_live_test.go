//go:build e2e

package apply_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// rule is a schedule in words that every maker of schedules can be given.
type rule struct {
	cron, zone string
	n          int // its parameter, 0 for none
	slug       string
	active     *bool
}

func (r rule) yaml() string {
	text := fmt.Sprintf("cron: %q", r.cron)
	if r.zone != "" {
		text += ", timezone: " + r.zone
	}
	if r.n > 0 {
		text += fmt.Sprintf(", parameters: {n: %d}", r.n)
	}
	if r.slug != "" {
		text += ", slug: " + r.slug
	}
	if r.active != nil {
		text += fmt.Sprintf(", active: %v", *r.active)
	}
	return "{" + text + "}"
}

// body is the schedule as the API takes it.
func (r rule) body() map[string]any {
	parameters := map[string]any{}
	if r.n > 0 {
		parameters["n"] = r.n
	}
	out := map[string]any{
		"schedule": map[string]any{"cron": r.cron, "timezone": r.zoneOr()}, "parameters": parameters, "active": r.active == nil || *r.active,
	}
	if r.slug != "" {
		out["slug"] = r.slug
	}
	return out
}

func (r rule) zoneOr() string {
	if r.zone == "" {
		return "UTC"
	}
	return r.zone
}

// says tells rules apart as people do: by when they run, and with what.
func (r rule) says() string { return fmt.Sprint(r.cron, " ", r.zoneOr(), " ", r.n) }

func says(s prefect.Schedule) string {
	n := s.Parameters["n"]
	if n == nil {
		n = 0
	}
	return fmt.Sprint(s.Rule.Cron, " ", zoneOf(s), " ", n)
}

func zoneOf(s prefect.Schedule) string { return rule{zone: s.Rule.Timezone}.zoneOr() }

// manifestOf gives a manifest with one deployment for each list of schedules.
func manifestOf(lists map[string][]rule) string {
	var text strings.Builder
	text.WriteString("deployments:\n")
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		var items []string
		for _, r := range lists[name] {
			items = append(items, r.yaml())
		}
		fmt.Fprintf(&text, "  - {name: %s, entrypoint: \"flows/f.py:f\", version: given, pull: [], schedules: [%s], work_pool: {name: \"%%POOL%%\"}}\n", name, strings.Join(items, ", "))
	}
	return text.String()
}

// makers are those who may have made the schedules that a deploy of ours finds. Each makes deployments with the given schedules.
func makers() map[string]func(t *testing.T, b *bench, lists map[string][]rule) {
	return map[string]func(t *testing.T, b *bench, lists map[string][]rule){
		"the UI": func(t *testing.T, b *bench, lists map[string][]rule) {
			t.Helper()
			for name, list := range lists {
				d := b.make(t, name, nil)
				for _, r := range list {
					if _, err := b.api.CreateSchedules(t.Context(), d.ID, []map[string]any{r.body()}); err != nil {
						t.Fatal(err)
					}
				}
			}
		},
		"prefect deploy": func(t *testing.T, b *bench, lists map[string][]rule) {
			t.Helper()
			b.byPrefect(t, prerequisite.ServerPython(t), manifestOf(lists))
		},
		"serve": func(t *testing.T, b *bench, lists map[string][]rule) {
			t.Helper()
			b.byRunner(t, lists)
		},
		"an earlier release": func(t *testing.T, b *bench, lists map[string][]rule) {
			t.Helper()
			for name, list := range lists {
				b.make(t, name, namedAsBefore(list))
			}
		},
		"this release": func(t *testing.T, b *bench, lists map[string][]rule) {
			t.Helper()
			b.apply(t, manifestOf(lists))
		},
	}
}

// namedAsBefore gives schedules with the slugs that earlier releases made up.
func namedAsBefore(list []rule) []rule {
	list = slices.Clone(list)
	for i, r := range list {
		switch {
		case r.slug != "":
		case len(list) == 1:
			list[i].slug = "default"
		default:
			h := fnv.New32a()
			_, _ = fmt.Fprint(h, r.cron, 0.0, "", r.zone, "") // a hash takes everything
			if slices.ContainsFunc(list[:i], func(x rule) bool { return x.cron == r.cron && x.zone == r.zone }) {
				_, _ = fmt.Fprint(h, i) // they refused two of one rule, so nobody has them
			}
			list[i].slug = fmt.Sprintf("schedule-%08x", h.Sum32())
		}
	}
	return list
}

// make makes a deployment past our own deploy, with our tag.
func (b *bench) make(t *testing.T, name string, list []rule) prefect.Deployment {
	t.Helper()
	f, err := b.api.EnsureFlow(t.Context(), b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	schedules := []map[string]any{}
	for _, r := range list {
		schedules = append(schedules, r.body())
	}
	d, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{
		"name": name, "flow_id": f.ID, "tags": []string{b.owner.Tag()}, "schedules": schedules, "work_pool_name": b.pool, "entrypoint": "flows/f.py:f",
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// byRunner makes deployments as flow.serve() does it in a user's own Python.
func (b *bench) byRunner(t *testing.T, lists map[string][]rule) {
	t.Helper()
	var script strings.Builder
	script.WriteString("from prefect.schedules import Cron\nfrom f import f\n")
	for name, list := range lists {
		var items []string
		for _, r := range list {
			parameters := "{}"
			if r.n > 0 {
				parameters = fmt.Sprintf("{'n': %d}", r.n)
			}
			items = append(items, fmt.Sprintf("Cron(%q, timezone=%q, parameters=%s)", r.cron, r.zoneOr(), parameters))
		}
		fmt.Fprintf(&script, "f.to_deployment(name=%q, schedules=[%s]).apply()\n", name, strings.Join(items, ", "))
	}
	dir := b.folder(t, map[string]string{"f.py": fmt.Sprintf(source, b.flow.Name), "serve.py": script.String()})
	cmd := exec.CommandContext(t.Context(), prerequisite.ServerPython(t), filepath.Join(dir, "serve.py"))
	cmd.Dir = dir
	cmd.Env = append(prerequisite.Environ(), "PREFECT_API_URL="+b.api.URL(), "PREFECT_HOME="+t.TempDir(), "PREFECT_CLIENT_MAX_RETRIES=9") // SQLite is busy now and then
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestScheduleIdentity lets everybody who makes schedules make some, pauses one of each deployment, and deploys another wish over it.
func TestScheduleIdentity(t *testing.T) {
	t.Parallel()
	six, six7 := rule{cron: "0 6 * * *"}, rule{cron: "0 7 * * *"}
	late := rule{cron: "0 18 * * *", zone: "Europe/Berlin", n: 2}
	of := func(n int) rule { return rule{cron: "0 6 * * *", n: n} }
	named := rule{cron: "0 6 * * *", slug: "first"}
	edits := map[string]struct {
		before, after []rule
		kept          [][2]rule // were one, are the other: same id, same pause
	}{
		"edit":         {[]rule{six, late}, []rule{six7, late}, [][2]rule{{six, six7}, {late, late}}},
		"edit-alone":   {[]rule{six}, []rule{six7}, [][2]rule{{six, six7}}},
		"pause":        {[]rule{six, late}, []rule{late, six}, [][2]rule{{six, six}, {late, late}}},
		"pause-alone":  {[]rule{six}, []rule{six}, [][2]rule{{six, six}}},
		"add":          {[]rule{six}, []rule{late, six}, [][2]rule{{six, six}}},
		"add-twice":    {[]rule{of(1)}, []rule{of(2), of(1)}, [][2]rule{{of(1), of(1)}}},
		"remove":       {[]rule{six, late}, []rule{six}, [][2]rule{{six, six}}},
		"remove-other": {[]rule{six, late}, []rule{late}, [][2]rule{{late, late}}},
		"rename":       {[]rule{six, late}, []rule{late, named}, [][2]rule{{six, named}, {late, late}}},
		"rename-alone": {[]rule{six}, []rule{named}, [][2]rule{{six, named}}},
		"twice":        {[]rule{of(1), of(2)}, []rule{of(3), of(2), of(1)}, [][2]rule{{of(1), of(1)}, {of(2), of(2)}}},
		"twice-edit":   {[]rule{of(1), of(2)}, []rule{of(2), of(3)}, [][2]rule{{of(1), of(3)}, {of(2), of(2)}}},
	}
	before, after := map[string][]rule{}, map[string][]rule{}
	for name, e := range edits {
		before[name], after[name] = e.before, e.after
	}
	for who, maker := range makers() {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.flow = scanned(t, b.pool)
			b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
			maker(t, b, before)
			was := map[string]map[string]prefect.Schedule{}
			for name, e := range edits {
				was[name] = b.rest(t, name, e.before[0])
			}
			if r := apply.Adopt(t.Context(), b.api, b.owner, b.plan(t, manifestOf(after)).Adoptable()); len(r.Failed()) > 0 {
				t.Fatal(r)
			}
			p := b.apply(t, manifestOf(after))
			for _, a := range p.Actions {
				if a.Op == plan.Create || a.Op == plan.Blocked {
					t.Errorf("%s of %s", a.Op, a.Name)
				}
				for _, c := range a.Changes {
					if strings.HasSuffix(c.Field, ".active") {
						t.Errorf("%s: %+v", a.Name, c)
					}
				}
			}
			for name, e := range edits {
				is := b.schedulesOf(t, name)
				if len(is) != len(e.after) {
					t.Errorf("%s: %+v", name, is)
				}
				for _, pair := range e.kept {
					old, now := was[name][pair[0].says()], is[pair[1].says()]
					if old.ID != now.ID || old.Active != now.Active {
						t.Errorf("%s: %s was %s, active %v; %s is %s, active %v", name, pair[0].says(), old.ID, old.Active, pair[1].says(), now.ID, now.Active)
					}
				}
			}
		})
	}
}

// rest pauses a schedule as a person does, and gives all as they are then.
func (b *bench) rest(t *testing.T, name string, which rule) map[string]prefect.Schedule {
	t.Helper()
	d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Schedules {
		if says(s) == which.says() {
			if err := b.api.UpdateSchedule(t.Context(), d.ID, s.ID, map[string]any{"active": false, "parameters": s.Parameters}); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.schedulesOf(t, name)
}

// schedulesOf gives a deployment's schedules by what they say.
func (b *bench) schedulesOf(t *testing.T, name string) map[string]prefect.Schedule {
	t.Helper()
	d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, name)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]prefect.Schedule{}
	for _, s := range d.Schedules {
		out[says(s)] = s
	}
	return out
}

// Who deploys the same file with Prefect's own command line finds nothing in the way, before and after us.
func TestSlugsStayAway(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.flow = scanned(t, b.pool)
	lists := map[string][]rule{"one": {{cron: "0 6 * * *", zone: "Europe/Berlin"}}, "two": {{cron: "0 6 * * *"}, {cron: "0 7 * * *", slug: "seven"}}}
	for range 2 {
		b.apply(t, manifestOf(lists))
		b.byPrefect(t, prerequisite.ServerPython(t), manifestOf(lists))
		if r := apply.Adopt(t.Context(), b.api, b.owner, b.plan(t, manifestOf(lists)).Adoptable()); len(r.Failed()) > 0 {
			t.Fatal(r)
		}
	}
	b.apply(t, manifestOf(lists))
	var slugs []string
	for name := range lists {
		for _, s := range b.schedulesOf(t, name) {
			slugs = append(slugs, s.Slug)
		}
	}
	slices.Sort(slugs)
	if diff := cmp.Diff([]string{"", "", "seven"}, slugs); diff != "" {
		t.Error(diff)
	}
}
