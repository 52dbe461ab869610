package draft

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// settled gives the settings of dev in a file.
func settled(t *testing.T, text string) config.Env {
	t.Helper()
	env, findings, err := config.Load(config.Source{Env: "dev", Root: fstest.MapFS{"envs/base.yaml": {Data: []byte("project: shop\ncode: {directory: /srv/shop}\n" + text)}}})
	if err != nil || findings.HasErrors() {
		t.Fatal(err, findings)
	}
	return env
}

// flowsOf gives flows a, b and c, each in a file of its own.
func flowsOf(names ...string) []flow.Flow {
	out := make([]flow.Flow, 0, len(names))
	for _, name := range names {
		file := name + ".py"
		out = append(out, flow.Flow{Name: name, Function: "run", File: file, Files: []string{file}, Entrypoint: file + ":run"})
	}
	return out
}

// pointsOf gives what is left of the flows.
func pointsOf(flows []flow.Flow) []string {
	out := make([]string, 0, len(flows))
	for _, f := range flows {
		out = append(out, f.Entrypoint)
	}
	return out
}

// blockedNames gives the names of what is blocked.
func blockedNames(list []Block) []string {
	out := make([]string, 0, len(list))
	for _, b := range list {
		out = append(out, b.Name)
	}
	return out
}

func wrong(scope finding.Scope, file string) finding.Finding {
	return finding.Finding{Code: "x", Severity: finding.Error, Scope: scope, Position: finding.Position{File: file}, Message: "wrong"}
}

func TestGate(t *testing.T) {
	t.Parallel()
	const both = "kinds: [python, container]\n"
	for name, test := range map[string]struct {
		settings    string
		findings    finding.List
		only        []string
		unreadable  []string
		ready, held []string
	}{
		"nothing is wrong":                      {both, nil, nil, nil, []string{"a.py:run", "b.py:run"}, nil},
		"one flow":                              {both, finding.List{wrong(finding.OfFlow("a.py:run"), "a.py")}, nil, nil, []string{"b.py:run"}, []string{"a-python-dev", "a-container-dev"}},
		"everything":                            {"", finding.List{wrong(finding.Everything(), "")}, nil, nil, nil, []string{"a-python-dev", "b-python-dev"}},
		"a flow that nobody wants":              {"flows: {a: {enabled: false}}\n", finding.List{wrong(finding.OfFlow("a.py:run"), "a.py")}, nil, nil, []string{"b.py:run"}, nil},
		"a file that may hold flows":            {"", finding.List{wrong(finding.OfFile("c.py"), "c.py")}, nil, []string{"c.py"}, []string{"a.py:run", "b.py:run"}, []string{"c.py"}},
		"such a file beside what was asked for": {"", finding.List{wrong(finding.OfFile("c.py"), "c.py")}, []string{"a"}, []string{"c.py"}, []string{"a.py:run", "b.py:run"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ready, blocked := gate(Read{Options: Options{Only: test.only}, Env: settled(t, test.settings), Selected: flowsOf("a", "b"), Unreadable: test.unreadable}, test.findings)
			if diff := cmp.Diff([][]string{test.ready, test.held}, [][]string{pointsOf(ready), blockedNames(blocked)}, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			for _, b := range blocked {
				if len(b.Reasons) != 1 {
					t.Errorf("%s is blocked for %v", b.Name, b.Reasons)
				}
			}
		})
	}
}

// Who can't have an image is blocked; where containers are made when they can be, a missing base image only leaves the deployment out.
func TestWithoutImages(t *testing.T) {
	t.Parallel()
	base, other := fmt.Errorf("pulling: %w", image.ErrNoBase), errors.New("the daemon is full")
	for name, test := range map[string]struct {
		containers string
		only       bool // containers alone were asked for
		err        error
		skipped    bool
	}{
		"no base, when they can be had": {"auto", false, base, true},
		"no base, always":               {"\"on\"", false, base, false},
		"no base, containers alone":     {"auto", true, base, false},
		"full, when they can be had":    {"auto", false, other, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flows := flowsOf("a", "b")
			before := Pinned{
				Judged: Judged{Read: Read{Env: settled(t, "kinds: [container]\ncontainers: "+test.containers+"\n"), Flows: flows, Imaged: test.only}, Ready: flows},
				Images: map[string]image.Planned{"a.py:run": {}, "b.py:run": {}},
			}
			after, told := before.Without(func(entrypoint string) error {
				if entrypoint == "a.py:run" {
					return test.err
				}
				return nil
			})
			if _, there := after.Images["a.py:run"]; there || len(after.Images) != 1 || len(before.Images) != 2 {
				t.Errorf("%v are left of %v", after.Images, before.Images)
			}
			if len(told) != 1 || told.HasErrors() == test.skipped {
				t.Errorf("told: %v", told)
			}
			held := []string{"a-container-dev"}
			if test.skipped {
				held = nil
			}
			if diff := cmp.Diff([][]string{held, held}, [][]string{blockedNames(after.Blocked), blockedNames(after.Imageless)}, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if (len(after.Skips) == 1 && after.Skips[0].Entrypoint == "a.py:run") != test.skipped {
				t.Errorf("left out: %v", after.Skips)
			}
		})
	}
}

func TestWithoutDocker(t *testing.T) {
	t.Parallel()
	before := Pinned{Judged: Judged{Read: Read{Env: settled(t, "kinds: [python, container]\ncontainers: auto\n")}}}
	after := before.withoutDocker(&fault.Error{Code: fault.Image, What: "Docker does not answer", Next: "start it"})
	if got := after.Env.Settings("a").Kinds; len(got) != 1 || got[0] != kind.Python {
		t.Errorf("wanted are %v", got)
	}
	if len(after.Skips) != 1 || len(after.Findings) != 1 || after.Findings.HasErrors() || !strings.Contains(after.Findings[0].Message, "Docker does not answer") || len(before.Findings) != 0 {
		t.Errorf("%v, %v", after.Skips, after.Findings)
	}
}

// A manifest that can't be read blocks every deployment that it would have had, and no others: b has no container here.
func TestBrokenManifest(t *testing.T) {
	t.Parallel()
	flows := flowsOf("a", "b")
	r := Rendered{Pinned: Pinned{Judged: Judged{Read: Read{Env: settled(t, "kinds: [python, container]\n"), Flows: flows}, Ready: flows}, Skips: []Skip{{Entrypoint: "b.py:run"}}}}
	r = r.broken(finding.List{wrong(finding.Everything(), "templates/prefect.yaml.tmpl")})
	if diff := cmp.Diff([]string{"a-python-dev", "a-container-dev", "b-python-dev"}, blockedNames(r.Blocked)); diff != "" {
		t.Error(diff)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	held := []Block{{Name: "a-python-dev"}, {Entrypoint: "b.py:run"}, {}}
	some := []plan.Desired{{Name: "c"}}
	for name, test := range map[string]struct {
		rendered Rendered
		strict   bool
		want     string // of the error; empty: none
	}{
		"all is well":                 {of(Options{}, flowsOf("c"), nil, some), true, ""},
		"some are blocked":            {of(Options{}, flowsOf("c"), held, some), false, ""},
		"one blocks all":              {of(Options{}, flowsOf("c"), held, some), true, "blocked by errors: [a-python-dev b.py:run a deployment without a name]"},
		"all are blocked":             {of(Options{}, flowsOf("c"), held, nil), false, "blocked by errors: [a-python-dev b.py:run a deployment without a name]"},
		"there are no flows":          {of(Options{}, nil, nil, nil), false, "no flows were found"},
		"a manifest without any":      {of(Options{File: "own.yaml"}, nil, nil, nil), false, ""},
		"a manifest that says little": {of(Options{File: "own.yaml"}, nil, []Block{{}}, nil), false, "blocked by errors: [a deployment without a name]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := test.rendered.Stop(test.strict); err != nil {
				got = fault.Of(err).What
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// of gives what was rendered of flows.
func of(o Options, flows []flow.Flow, blocked []Block, desired []plan.Desired) Rendered {
	return Rendered{Pinned: Pinned{Judged: Judged{Read: Read{Options: o, Flows: flows}, Blocked: blocked}}, Desired: desired}
}

// The whole chain is functions of plain values: what is around the repository, what is there of images and what the server holds are said here.
func TestChain(t *testing.T) {
	t.Parallel()
	flows := flowsOf("a", "b")
	for i := range flows {
		flows[i].Schema = `{"type": "object", "properties": {}}`
	}
	read := Read{Env: settled(t, "kinds: [python, container]\ncontainers: auto\n"), Flows: flows, Selected: flows}
	pools, findings := wantedPools(fstest.MapFS{}, read.Env)
	if len(pools) != 2 || len(findings) > 0 {
		t.Fatal(pools, findings)
	}
	bad := image.Planned{Findings: finding.List{wrong(finding.OfFlow("b.py:run"), "b/Dockerfile")}}
	for name, test := range map[string]struct {
		around         finding.List
		images         Images
		desired, held  []string
		created, block int // by the plan
		skipped        bool
	}{
		"all is well": {
			nil, Images{Planned: map[string]image.Planned{"a.py:run": {}, "b.py:run": {}}},
			[]string{"a-container-dev", "a-python-dev", "b-container-dev", "b-python-dev"}, nil, 4, 0, false,
		},
		"an image can't be made": {
			nil, Images{Planned: map[string]image.Planned{"a.py:run": {}, "b.py:run": bad}},
			[]string{"a-container-dev", "a-python-dev", "b-python-dev"}, []string{"b-container-dev"}, 3, 1, false,
		},
		"there is no Docker": {
			nil, Images{Lacking: errors.New("nobody answers")}, []string{"a-python-dev", "b-python-dev"}, nil, 2, 0, true,
		},
		"around one of them something is wrong": {
			finding.List{wrong(finding.OfFlow("b.py:run"), "envs/base.yaml")}, Images{Planned: map[string]image.Planned{"a.py:run": {}}},
			[]string{"a-container-dev", "a-python-dev"}, []string{"b-python-dev", "b-container-dev"}, 2, 2, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pin(judge(read, Around{Findings: test.around}), test.images)
			r, err := Render(tree.Open(t.TempDir()), p)
			if err != nil {
				t.Fatal(err)
			}
			names := make([]string, 0, len(r.Desired))
			for _, d := range r.Desired {
				names = append(names, d.Name)
			}
			if diff := cmp.Diff([][]string{test.desired, test.held}, [][]string{names, blockedNames(r.Blocked)}, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff, r.Findings)
			}
			if len(r.Skips) > 0 != test.skipped {
				t.Errorf("skipped %v", r.Skips)
			}
			c, err := compare(r, session.Server{}, plan.NewLive(pools), "4711")
			if err != nil {
				t.Fatal(err)
			}
			if got := []int{c.Plan.Count(plan.Create), c.Plan.Count(plan.Blocked)}; !cmp.Equal(got, []int{test.created, test.block}) || c.Plan.Commit != "4711" {
				t.Errorf("created and blocked are %v", got)
			}
		})
	}
	if len(read.Findings) != 0 {
		t.Errorf("a stage has changed the value before: %v", read.Findings)
	}
}
