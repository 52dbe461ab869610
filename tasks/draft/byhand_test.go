package draft_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/rulebook"
	"github.com/flowmage/flowmage/tasks/session"
)

// named is a file with flows of these names, each of a function called f, g, h.
func named(names ...string) string {
	var b strings.Builder
	b.WriteString("from prefect import flow\n")
	for i, name := range names {
		fmt.Fprintf(&b, "\n\n@flow(name=%q)\ndef %c(limit: int = 1):\n    pass\n", name, 'f'+i)
	}
	return b.String()
}

// entry is an entry of a manifest, with more lines of its own.
func entry(name, entrypoint string, more ...string) string {
	lines := append([]string{"- name: " + name, "  entrypoint: " + entrypoint, "  work_pool: {name: robots}"}, more...)
	return strings.Join(lines, "\n") + "\n"
}

// byHand is what becomes of a manifest's entries.
type byHand struct{ Ready, Blocked, Says []string }

func judged(t *testing.T, file string, files map[string]string) byHand {
	t.Helper()
	root := t.TempDir()
	files["envs/base.yaml"], files["envs/dev.yaml"] = "project: shop\n", ""
	for name, text := range files {
		place := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	s := &session.Session{
		Root: root, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, Console: console.New(&out, &out), Git: git.Open(root), Rules: rulebook.All,
	}
	d, err := draft.From(t.Context(), s, draft.Options{Env: "dev", File: file})
	if err != nil {
		t.Fatal(err)
	}
	var got byHand
	for _, x := range d.Desired {
		got.Ready = append(got.Ready, fmt.Sprintf("%s/%s %v", x.Flow.Name, x.Name, x.Fields["entrypoint"]))
	}
	for _, x := range d.Blocked {
		got.Blocked = append(got.Blocked, x.Name)
	}
	for _, x := range d.Findings.Sorted() {
		if x.Severity != finding.Note {
			got.Says = append(got.Says, x.Severity.String()+" "+x.Code)
		}
	}
	return got
}

// An error stands in the way of the entry that it is about, and of no other one; only what makes Prefect drop the file stands in the way of all.
func TestEntriesAlone(t *testing.T) {
	t.Parallel()
	two := map[string]string{"a.py": named("A", "B")}
	good, other := entry("day", "a.py:f"), func(more ...string) string { return entry("week", "a.py:g", more...) }
	ready := []string{"A/day a.py:f"}
	for name, c := range map[string]struct {
		text string
		want byHand
	}{
		"a misplaced key":           {good + other("  work_queue_name: slow"), byHand{ready, []string{"week"}, []string{"error key-misplaced"}}},
		"an unknown key":            {good + other("  colour: red"), byHand{ready, []string{"week"}, []string{"error key-unknown"}}},
		"a key twice":               {good + other("  tags: [a]", "  tags: [b]"), byHand{ready, []string{"week"}, []string{"error key-duplicate"}}},
		"a cron that is none":       {good + other("  schedules: [{cron: often}]"), byHand{ready, []string{"week"}, []string{"error cron"}}},
		"a zone that is none":       {good + other("  schedules: [{cron: 0 6 * * *, timezone: Europe/Berln}]"), byHand{ready, []string{"week"}, []string{"error timezone"}}},
		"one slug twice":            {good + other("  schedules: [{cron: 0 6 * * *, slug: a}, {cron: 0 7 * * *, slug: a}]"), byHand{ready, []string{"week"}, []string{"error slug-duplicate"}}},
		"an interval of nothing":    {good + other("  schedules: [{interval: 0}]"), byHand{ready, []string{"week"}, []string{"error interval"}}},
		"an interval of a month":    {good + other("  schedules: [{interval: P1M}]"), byHand{ready, []string{"week"}, []string{"error interval"}}},
		"a column for seconds":      {good + other("  schedules: [{cron: 0 0 4 * * *}]"), byHand{[]string{"A/day a.py:f", "B/week a.py:g"}, nil, []string{"warning cron-seconds"}}},
		"a day that never comes":    {good + other("  schedules: [{cron: 0 4 31 2 *}]"), byHand{[]string{"A/day a.py:f", "B/week a.py:g"}, nil, []string{"warning cron-never"}}},
		"a name that is illegal":    {good + entry("a/b", "a.py:g"), byHand{ready, []string{"a/b"}, []string{"error deployment-name"}}},
		"no entrypoint":             {good + "- name: week\n  work_pool: {name: robots}\n", byHand{ready, []string{"week"}, []string{"error entrypoint-form"}}},
		"no such flow":              {good + entry("week", "a.py:nothing"), byHand{ready, []string{"week"}, []string{"error entrypoint-missing"}}},
		"a parameter of no flow":    {good + other("  parameters: {colour: red}"), byHand{ready, []string{"week"}, []string{"error parameter-unknown"}}},
		"a limit of nothing":        {good + other("  concurrency_limit: 0"), byHand{ready, []string{"week"}, []string{"error value-range"}}},
		"a strategy that is none":   {good + other("  concurrency_limit: {limit: 1, collision_strategy: NONE}"), byHand{ready, []string{"week"}, []string{"error collision-strategy"}}},
		"a trigger that is none":    {good + other("  triggers: [{type: evnt}]"), byHand{ready, []string{"week"}, []string{"error trigger-type"}}},
		"its own steps":             {good + other("  pull: [{prefect.deployments.steps.nothing: {}}]"), byHand{ready, []string{"week"}, []string{"error step-unknown"}}},
		"of one name with another":  {entry("main", "a.py:f") + entry("main", "a.py:g", "  colour: red"), byHand{[]string{"A/main a.py:f"}, []string{"main"}, []string{"error key-unknown"}}},
		"of the first":              {other("  colour: red") + good, byHand{ready, []string{"week"}, []string{"error key-unknown"}}},
		"no name":                   {good + "- name: null\n  entrypoint: null\n  parameters: {}\n", byHand{ready, nil, []string{"warning deployment-unnamed"}}},
		"no name, and a wrong key":  {good + "- entrypoint: a.py:g\n  colour: red\n", byHand{ready, nil, []string{"warning deployment-unnamed"}}},
		"a type that is wrong":      {good + other("  description: 5"), byHand{nil, []string{"day", "week"}, []string{"error type-wrong"}}},
		"a key that schedules lack": {good + other("  schedules: [{cron: 0 6 * * *, catchup: true}]"), byHand{nil, []string{"day", "week"}, []string{"error key-misplaced"}}},
		"two forms of a schedule":   {good + other("  schedules: [{cron: 0 6 * * *, interval: 60}]"), byHand{nil, []string{"day", "week"}, []string{"error schedule-form"}}},
		"an interval that is none":  {good + other("  schedules: [{interval: soon}]"), byHand{nil, []string{"day", "week"}, []string{"error interval"}}},
		"a list of parameters":      {good + other("  parameters: [a]"), byHand{nil, []string{"day", "week"}, []string{"error type-wrong"}}},
		"no name, of a wrong type":  {good + "- entrypoint: a.py:g\n  tags: 5\n  description: 5\n", byHand{nil, []string{"day"}, []string{"warning deployment-unnamed", "error type-wrong"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(two)
			files["prefect.yaml"] = "deployments:\n" + c.text
			if diff := cmp.Diff(c.want, judged(t, "prefect.yaml", files)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is wrong with steps of the whole file concerns those that take them over.
func TestStepsTakenOver(t *testing.T) {
	t.Parallel()
	wrong := "pull: [{prefect.deployments.steps.nothing: {}}]\n"
	own := "  pull: [{prefect.deployments.steps.set_working_directory: {directory: /srv}}]"
	got := judged(t, "prefect.yaml", map[string]string{"a.py": named("A", "B"), "prefect.yaml": wrong + "deployments:\n" + entry("day", "a.py:f", own) + entry("week", "a.py:g")})
	if diff := cmp.Diff(byHand{[]string{"A/day a.py:f"}, []string{"week"}, []string{"error step-unknown"}}, got); diff != "" {
		t.Error(diff)
	}
}

// Flows may share a name: what counts is whether two deployments would be one.
func TestNamesakesOfAManifest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		text  string
		want  byHand
	}{
		"of flows that are not deployed": {
			map[string]string{"a.py": named("A", "Helper"), "b.py": named("B", "Helper")}, entry("main", "a.py:f") + entry("main", "b.py:f"),
			byHand{[]string{"A/main a.py:f", "B/main b.py:f"}, nil, nil},
		},
		"of one that is deployed": {
			map[string]string{"a.py": named("A"), "b.py": named("B", "A")}, entry("main", "a.py:f") + entry("main", "b.py:f"),
			byHand{[]string{"A/main a.py:f", "B/main b.py:f"}, nil, nil},
		},
		"deployments of two names": {
			map[string]string{"a.py": named("Load"), "b.py": named("Load")}, entry("orders", "a.py:f") + entry("parcels", "b.py:f"),
			byHand{[]string{"Load/orders a.py:f", "Load/parcels b.py:f"}, nil, []string{"warning flow-name-shared"}},
		},
		"deployments of one name": {
			map[string]string{"a.py": named("Load"), "b.py": named("Load")}, entry("main", "a.py:f") + entry("main", "b.py:f"),
			byHand{nil, []string{"main", "main"}, []string{"error deployment-one"}},
		},
		"one flow, two deployments": {
			map[string]string{"a.py": named("Load")}, entry("main", "a.py:f") + entry("other", "a.py:f"), byHand{[]string{"Load/main a.py:f", "Load/other a.py:f"}, nil, nil},
		},
		"the same twice": {
			map[string]string{"a.py": named("Load", "Other")}, entry("main", "a.py:f") + entry("main", "a.py:f") + entry("main", "a.py:g"),
			byHand{[]string{"Other/main a.py:g"}, []string{"main", "main"}, []string{"error deployment-duplicate"}},
		},
		"one flow, in two spellings": {
			map[string]string{"a.py": named("Load")}, entry("main", "a.py:f") + entry("main", "./a.py:f"),
			byHand{nil, []string{"main", "main"}, []string{"error deployment-one"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.files["prefect.yaml"] = "deployments:\n" + c.text
			if diff := cmp.Diff(c.want, judged(t, "prefect.yaml", c.files)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Entrypoints lead where Prefect follows them, and are stored as they are written.
func TestEntrypoints(t *testing.T) {
	t.Parallel()
	ends := func(directory string) string {
		return "  pull: [{prefect.deployments.steps.set_working_directory: {directory: " + directory + "}}]"
	}
	clone := "  pull: [{prefect.deployments.steps.git_clone: {id: clone, repository: https://example.com/a.git}}"
	found := func(text string) byHand { return byHand{[]string{"A/main " + text}, nil, nil} }
	missing := byHand{nil, []string{"main"}, []string{"error entrypoint-missing"}}
	for name, c := range map[string]struct {
		file, flow, entrypoint string // the manifest's place, the flow's, and what stands in the one of the other
		more                   []string
		want                   byHand
	}{
		"a dot and a slash":              {"prefect.yaml", "flows/job.py", "./flows/job.py:f", nil, found("./flows/job.py:f")},
		"up and down":                    {"prefect.yaml", "flows/job.py", "flows/../flows/job.py:f", nil, found("flows/../flows/job.py:f")},
		"two slashes":                    {"prefect.yaml", "flows/job.py", "flows//job.py:f", nil, found("flows//job.py:f")},
		"a module and a colon":           {"prefect.yaml", "loader.py", "loader:f", nil, found("loader:f")},
		"a module and a dot":             {"prefect.yaml", "loader.py", "loader.f", nil, found("loader.f")},
		"a module of a package":          {"prefect.yaml", "shop/jobs/load.py", "shop.jobs.load.f", nil, found("shop.jobs.load.f")},
		"the same with a colon":          {"prefect.yaml", "shop/jobs/load.py", "shop.jobs.load:f", nil, found("shop.jobs.load:f")},
		"a package":                      {"prefect.yaml", "shop/__init__.py", "shop:f", nil, found("shop:f")},
		"a module below src":             {"prefect.yaml", "src/shop/load.py", "shop.load:f", nil, found("shop.load:f")},
		"no such module":                 {"prefect.yaml", "loader.py", "loder:f", nil, missing},
		"no such file":                   {"prefect.yaml", "loader.py", "./loder.py:f", nil, missing},
		"another function":               {"prefect.yaml", "loader.py", "loader:g", nil, missing},
		"the file's folder, no pull":     {"jobs/prefect.yaml", "jobs/flow.py", "flow.py:f", nil, found("flow.py:f")},
		"the folder, where runs end":     {"jobs/prefect.yaml", "jobs/flow.py", "flow.py:f", []string{ends("/srv/shop/jobs")}, found("flow.py:f")},
		"the folder, with a slash":       {"jobs/prefect.yaml", "jobs/flow.py", "./flow.py:f", []string{ends("/srv/shop/jobs/")}, found("./flow.py:f")},
		"the folder of a clone":          {"jobs/prefect.yaml", "jobs/flow.py", "flow.py:f", []string{clone + ", {prefect.deployments.steps.set_working_directory: {directory: '{{ clone.directory }}/jobs'}}]"}, found("flow.py:f")},
		"the folder, runs end elsewhere": {"jobs/prefect.yaml", "jobs/flow.py", "flow.py:f", []string{ends("/srv/shop")}, missing},
		"the folder, a clone":            {"jobs/prefect.yaml", "jobs/flow.py", "flow.py:f", []string{clone + "]"}, missing},
		"the root, from a folder":        {"jobs/prefect.yaml", "jobs/flow.py", "jobs/flow.py:f", nil, found("jobs/flow.py:f")},
		"a module of the folder":         {"jobs/prefect.yaml", "jobs/loader.py", "loader:f", nil, found("loader:f")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := judged(t, c.file, map[string]string{c.flow: named("A"), c.file: "deployments:\n" + entry("main", c.entrypoint, c.more...)})
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	both := judged(t, "jobs/prefect.yaml", map[string]string{"flow.py": named("A"), "jobs/flow.py": named("B"), "jobs/prefect.yaml": "deployments:\n" + entry("main", "flow.py:f")})
	if diff := cmp.Diff(byHand{nil, []string{"main"}, []string{"error entrypoint-ambiguous"}}, both); diff != "" {
		t.Error(diff)
	}
}
