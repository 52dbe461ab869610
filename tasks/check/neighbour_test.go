package check_test

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
)

// Two environments on one server must not have a deployment of one flow and name; what makes the names differ, or leaves a flow out, is fine.
func TestNeighbours(t *testing.T) {
	t.Parallel()
	scanned, err := flow.Scan(t.Context(), fstest.MapFS{"flows/a.py": {Data: []byte("from prefect import flow\n@flow\ndef one(): pass\n@flow\ndef two(): pass\n")}}, flow.Options{})
	if err != nil || len(scanned.Flows) != 2 {
		t.Fatal(err, scanned)
	}
	all := scanned.Flows
	const same = "naming: \"{flow}-{kind}\"\n"
	for name, c := range map[string]struct {
		own, other string
		theirs     []flow.Flow
		want       []string
	}{
		"all":               {same, same, all, []string{"envs/dev.yaml:1:1 deployment-name-shared "}},
		"the environment":   {"", same, all, nil},
		"theirs names it":   {same, "", all, nil},
		"another kind":      {same, same + "kinds: [container]\n", all, nil},
		"one kind of two":   {same + "kinds: [python, container]\n", same + "kinds: [container]\n", all, []string{"envs/dev.yaml:1:1 deployment-name-shared "}},
		"a prefix":          {same, same + "prefix: b-\n", all, nil},
		"spelt out":         {same, "naming: \"{flow}-python\"\n", all, []string{"envs/dev.yaml:1:1 deployment-name-shared "}},
		"switched off":      {same, same + "enabled: false\n", all, nil},
		"off here":          {same + "enabled: false\n", same, all, nil},
		"one switched off":  {same, same + "flows: {one: {enabled: false}}\n", all, []string{"envs/dev.yaml:1:1 deployment-name-shared two"}},
		"only here":         {same + "flows: {one: {environments: [dev]}}\n", same + "flows: {one: {environments: [dev]}}\n", all, []string{"envs/dev.yaml:1:1 deployment-name-shared two"}},
		"one flow's naming": {"flows: {two: {naming: \"{flow}\"}}\n", "naming: \"{flow}\"\n", all, []string{"envs/dev.yaml:1:15 deployment-name-shared two"}},
		"another folder":    {same, same, nil, nil},
		"one of them":       {same, same, all[:1], []string{"envs/dev.yaml:1:1 deployment-name-shared one"}},
	} {
		load := func(env, text string) config.Env {
			e, findings, err := config.Load(config.Source{Env: env, Folder: "/srv", Root: fstest.MapFS{
				"flows/a.py": {}, "envs/base.yaml": {Data: []byte("project: shop\n")}, "envs/" + env + ".yaml": {Data: []byte(text + "server: {url: http://x/api}\ncode: {directory: /srv}\n")},
			}})
			if err != nil || findings.HasErrors() {
				t.Fatal(name, err, findings)
			}
			return e
		}
		var got []string
		for _, f := range check.Neighbours(check.Neighbour{Env: load("dev", c.own), Flows: all}, []check.Neighbour{{Env: load("staging", c.other), Flows: c.theirs}}) {
			at := f.Position
			at.Key = ""
			got = append(got, at.String()+" "+f.Code+" "+f.Subject)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
