package config

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
)

func folderOf(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// What a pull request writes of guards, protection and exclusions does not count; what it is to be merged into says does, and each difference is told.
func TestGuardedByBase(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"envs/base.yaml":         "project: shop\nexclude: [flows/drafts]\nflows: {rpa1: {protect: true}, rpa-2: {protect: true}, gone: {protect: true}, left: {protect: false}}\n",
		"envs/prod.yaml":         "server: {url: https://one.example.com/api}\nguards: {branches: [release]}\nprotect: true\ncode: {directory: /srv}\n",
		"flows/robot/flow.yaml":  "protect: true\n",
		"flows/robot/flow.yaml2": "",
	}
	for name, x := range map[string]struct {
		tree    map[string]string
		environ []string
		check   func(Env) []any
		want    []any
		told    []string // keys of guard-changed
	}{
		"as it was": {
			check: func(e Env) []any { return []any{e.Guards, e.Protected(), e.Exclude} },
			want:  []any{Guards{true, []string{"release"}, true, true, true}, true, []string{"flows/drafts"}},
		},
		"guards off": {
			tree: map[string]string{"envs/prod.yaml": "server: {url: https://two.example.com/api}\ncode: {directory: /srv}\n" +
				"guards: {clean_tree: false, branches: [], pinned_images: false, own_server: false, confirm: false}\nprotect: false\nprune: true\n"},
			check: func(e Env) []any { return []any{e.Guards, e.Protected(), e.Prune, e.Server.URL} },
			want:  []any{Guards{true, []string{"release"}, true, true, true}, true, true, "https://two.example.com/api"},
			told:  []string{"guards.branches", "guards.clean_tree", "guards.confirm", "guards.own_server", "guards.pinned_images", "protect"},
		},
		"guards in base.yaml, appended": {
			tree: map[string]string{"envs/base.yaml": "project: shop\nguards: {+branches: ['*']}\n+exclude: ['**']\nflows: {}\n"},
			check: func(e Env) []any {
				return []any{e.Guards.Branches, e.Exclude, e.Settings("rpa1").Protected(), e.Settings("gone").Protected()}
			},
			want: []any{[]string{"release"}, []string{"flows/drafts"}, true, true},
			told: []string{"exclude", "flows.gone.protect", "flows.left.protect", "flows.rpa-2.protect", "flows.rpa1.protect"},
		},
		"file gone": {
			tree:  map[string]string{"envs/prod.yaml": ""},
			check: func(e Env) []any { return []any{e.Guards.Branches, e.Protected()} },
			want:  []any{[]string{"release"}, true},
			told:  []string{"guards.branches", "protect"},
		},
		"another spelling": {
			tree:  map[string]string{"envs/base.yaml": "project: shop\nexclude: [flows/drafts]\nflows: {rpa_2: {protect: false, tags: [x]}, rpa1: {protect: true}, gone: {protect: true}, left: {protect: false}}\n"},
			check: func(e Env) []any { return []any{e.Settings("rpa-2").Protected(), e.Settings("rpa-2").Tags} },
			want:  []any{true, []string{"x"}},
			told:  []string{"flows.rpa-2.protect", "flows.rpa_2.protect"},
		},
		"beside a flow": {
			tree:  map[string]string{"envs/prod.yaml": base["envs/prod.yaml"] + "# \n", "flows/robot/flow.yaml": "protect: false\ntags: [x]\n"},
			check: func(e Env) []any { s := e.Settings("r", "flows/robot"); return []any{s.Protected(), s.Tags} },
			want:  []any{true, []string{"x"}},
			told:  []string{"protect"},
		},
		"variables stand outside": {
			environ: []string{"FLOWMAGE_GUARDS__CONFIRM=false", "FLOWMAGE_EXCLUDE=none"},
			check:   func(e Env) []any { return []any{e.Guards.Confirm, e.Guards.CleanTree, e.Exclude} },
			want:    []any{false, true, []string{"none"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(base)
			maps.Copy(files, x.tree)
			e, told := guarded(t, files, &Base{Files: folderOf(base), Name: "origin/main"}, x.environ...)
			if diff := cmp.Diff(x.want, x.check(e)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(x.told, told); diff != "" {
				t.Errorf("told:\n%s", diff)
			}
		})
	}
}

// guarded loads prod with a base, and gives the keys of the differences that are told.
func guarded(t *testing.T, files map[string]string, base *Base, environ ...string) (Env, []string) {
	t.Helper()
	root := folderOf(files)
	e, findings, err := Load(Source{Root: root, Env: "prod", Environ: environ, Base: base})
	if err != nil {
		t.Fatal(err)
	}
	e, more := e.Beside(root, []string{"flows/robot/flow.yaml"})
	var told []string
	for _, f := range append(findings, more...) {
		if f.Code == "guard-changed" {
			key, _, _ := strings.Cut(f.Message, " ")
			told = append(told, key)
			if f.Severity != finding.Warning || !strings.Contains(f.Message, "in origin/main, which counts") {
				t.Error(f)
			}
		}
	}
	slices.Sort(told)
	return e, told
}

// Where the base is not here, or can't be read, everything is guarded.
func TestStrictestWithoutBase(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"envs/base.yaml":        "project: shop\nexclude: ['**']\nprotect: false\n",
		"envs/prod.yaml":        "server: {url: https://one.example.com/api}\nguards: {clean_tree: false, branches: [], pinned_images: false, own_server: false, confirm: false}\ncode: {directory: /srv}\n",
		"flows/robot/flow.yaml": "protect: false\n",
	}
	for name, base := range map[string]*Base{
		"not here": {},
		"broken":   {Files: folderOf(map[string]string{"envs/prod.yaml": "guards: [\n"}), Name: "x"},
		"no guard": {Files: folderOf(map[string]string{"envs/prod.yaml": "guards: {clean_tree: perhaps}\n"}), Name: "x"},
	} {
		e, told := guarded(t, files, base)
		got := []any{e.Guards, e.Protected(), e.Exclude, e.Settings("r", "flows/robot").Protected()}
		if diff := cmp.Diff([]any{Guards{true, []string{"main", "master"}, true, true, true}, true, []string{}, true}, got); diff != "" || name == "not here" && told != nil {
			t.Errorf("%s: told %v\n%s", name, told, diff)
		}
	}
}

// A flow.yaml of the base that protects its flows does so wherever a pull request has brought it or them.
func TestProtectionIsKept(t *testing.T) {
	t.Parallel()
	const robot = "flows/robot/flow.yaml"
	base := map[string]string{
		"envs/base.yaml": "project: shop\nflows: {open: {protect: false}}\n", "envs/prod.yaml": "server: {url: https://one.example.com/api}\ncode: {directory: /srv}\n",
		robot: "protect: true\n", "flows/other/flow.yaml": "tags: [x]\n",
	}
	protected := func(e Env) []bool {
		return []bool{e.Settings("r", "robot", "flows/robot").Protected(), e.Settings("r", "mover", "flows/mover").Protected(), e.Settings("deployment-left").Protected(), e.Settings("open").Protected()}
	}
	for name, x := range map[string]struct {
		gone    bool              // the file is
		added   map[string]string // by the pull request
		read    []string          // flow.yaml files that the scan meets
		folders []string          // with flows
		want    []bool            // of the flow in its old place, in a new one, of one that is gone, and of one that the base leaves open
		told    int
	}{
		"as it was":              {read: []string{robot}, folders: []string{"flows/robot"}, want: []bool{true, false, false, false}},
		"deleted":                {gone: true, folders: []string{"flows/robot", "flows/other"}, want: []bool{true, false, false, false}, told: 1},
		"folder deleted":         {gone: true, folders: []string{"flows/other"}, want: []bool{true, true, true, false}, told: 1},
		"moved":                  {gone: true, added: map[string]string{"flows/mover/flow.yaml": "tags: [y]\n"}, read: []string{"flows/mover/flow.yaml"}, folders: []string{"flows/robot"}, want: []bool{true, false, false, false}, told: 1},
		"folder renamed":         {gone: true, added: map[string]string{"flows/mover/flow.yaml": "tags: [y]\n"}, read: []string{"flows/mover/flow.yaml"}, folders: []string{"flows/mover"}, want: []bool{true, true, true, false}, told: 1},
		"flow moved":             {read: []string{robot}, folders: []string{"flows/mover"}, want: []bool{true, true, true, false}, told: 1},
		"renamed":                {gone: true, added: map[string]string{"flows/robot/flow.yml": "protect: true\n"}, read: []string{"flows/robot/flow.yml"}, folders: []string{"flows/robot"}, want: []bool{true, false, false, false}, told: 1},
		"not looked at":          {added: map[string]string{"envs/base.yaml": "project: shop\npaths: [flows/mover]\nflows: {open: {protect: false}}\n"}, folders: []string{"flows/mover"}, want: []bool{true, true, true, false}, told: 1},
		"excluded by the base":   {folders: []string{"flows/other"}, want: []bool{false, false, false, false}},
		"overruled in its place": {added: map[string]string{robot: "protect: false\n"}, read: []string{robot}, folders: []string{"flows/robot"}, want: []bool{true, false, false, false}, told: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := maps.Clone(base)
			if x.gone {
				delete(files, robot)
			}
			maps.Copy(files, x.added)
			root := folderOf(files)
			e, _, err := Load(Source{Root: root, Env: "prod", Base: &Base{Files: folderOf(base), Name: "origin/main"}})
			if err != nil {
				t.Fatal(err)
			}
			e, findings := e.Beside(root, x.read)
			e, moved := e.Kept(root, x.folders)
			told := 0
			for _, f := range append(findings, moved...) {
				if f.Code == "guard-changed" {
					told++
					if f.Severity != finding.Warning || f.Position.File != robot || !strings.Contains(f.Message, "in origin/main, which counts") {
						t.Error(f)
					}
				}
			}
			if diff := cmp.Diff(x.want, protected(e)); diff != "" || told != x.told {
				t.Errorf("told %d\n%s", told, diff)
			}
		})
	}
}
