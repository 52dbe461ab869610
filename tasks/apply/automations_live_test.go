//go:build e2e

package apply_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// automated is a manifest of one deployment with the given triggers.
func automated(triggers ...string) string {
	text := "deployments:\n  - name: one\n    entrypoint: flows/f.py:f\n    pull: []\n    work_pool: {name: \"%POOL%\"}\n"
	if len(triggers) > 0 {
		text += "    triggers:\n"
	}
	var list strings.Builder
	for _, t := range triggers {
		list.WriteString("      - " + t + "\n")
	}
	return text + list.String()
}

// automationsOf gives the automations that run a deployment, by name and age.
func (b *bench) automationsOf(t *testing.T, id string) []prefect.Automation {
	t.Helper()
	all, err := b.api.Automations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all = slices.DeleteFunc(all, func(a prefect.Automation) bool { return len(a.Actions) == 0 || a.Actions[0]["deployment_id"] != id })
	slices.Reverse(all)
	slices.SortStableFunc(all, func(x, y prefect.Automation) int { return cmp.Compare(x.Name, y.Name) })
	return all
}

// TestAlternatingTriggers lets `prefect deploy` and ours deploy the same triggers in turn: there is one automation of each all the time, ours
// goes on with theirs in place, and what counts events is left alone. At the end one event makes one run.
func TestAlternatingTriggers(t *testing.T) {
	t.Parallel()
	python := prerequisite.ServerPython(t)
	b := open(t)
	b.flow = scanned(t, b.pool)
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
	event := b.pool + ".placed"
	text := automated(
		fmt.Sprintf(`{name: on-order, expect: [%s], parameters: {note: "{{ event.payload.number }}"}}`, event),
		fmt.Sprintf(`{posture: Proactive, expect: [%s.never], after: [%s.begun], within: 3600}`, b.pool, b.pool),
	)
	id := ""
	for turn := range 4 {
		b.byPrefect(t, python, text)
		d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "one")
		if err != nil {
			t.Fatal(err)
		}
		id = d.ID
		theirs := b.automationsOf(t, id)
		b.adopt(t, text)
		b.apply(t, text)
		ours := b.automationsOf(t, id)
		if len(theirs) != 2 || len(ours) != 2 {
			t.Fatalf("turn %d: %d automations, then %d", turn, len(theirs), len(ours))
		}
		for i := range ours {
			if ours[i].ID != theirs[i].ID || ours[i].Name != theirs[i].Name {
				t.Errorf("turn %d: %s was made anew as %s", turn, theirs[i].Name, ours[i].Name)
			}
		}
		if ours[1].Name != "one__automation_2" || ours[1].Trigger["id"] != theirs[1].Trigger["id"] {
			t.Errorf("turn %d: what counts events was written: %+v", turn, ours)
		}
	}
	seen := map[string]int{}
	for number := range 3 { // a second run of an event would be there before the first of the one after the next
		fire(t, event, strconv.Itoa(number))
		until(t, func() bool { seen = b.runsByNote(t, id); return seen[strconv.Itoa(number)] > 0 })
	}
	if seen["0"] != 1 || seen["1"] != 1 {
		t.Errorf("runs by event: %v", seen)
	}
}

// adopt makes what blocks the manifest's deployments ours.
func (b *bench) adopt(t *testing.T, text string) {
	t.Helper()
	if r := apply.Adopt(t.Context(), b.api, b.owner, b.plan(t, text).Adoptable()); len(r.Failed()) > 0 {
		t.Fatal(r)
	}
}

// fire sends an event with a number in it.
func fire(t *testing.T, event, number string) {
	t.Helper()
	now := time.Now().UTC()
	prerequisite.Ask(t, http.MethodPost, "/events", []map[string]any{{
		"id": fmt.Sprintf("00000000-0000-4000-8000-%012x", now.UnixNano()&0xffffffffffff), "occurred": now, "event": event,
		"resource": map[string]string{"prefect.resource.id": event}, "payload": map[string]string{"number": number},
	}})
}

// until waits for the server to get there.
func until(t *testing.T, there func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !there() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatal("the server did not get there")
		}
	}
}

// runsByNote counts a deployment's runs by the parameter note.
func (b *bench) runsByNote(t *testing.T, id string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, run := range prerequisite.List(t, http.MethodPost, "/flow_runs/filter", map[string]any{"flow_runs": map[string]any{"deployment_id": map[string]any{"any_": []string{id}}}}) {
		parameters, _ := run["parameters"].(map[string]any)
		out[fmt.Sprint(parameters["note"])]++
	}
	return out
}

// The triggers of the cases below, as a manifest has them and as the API stores them.
const (
	reacting = `{name: order, expect: [order.placed]}`
	waiting  = `{name: order, posture: Proactive, expect: [order.placed], within: 60}`
	other    = `{name: other, expect: [order.sent]}`
)

func stored(change func(trigger map[string]any)) map[string]any {
	trigger := map[string]any{"type": "event", "posture": "Reactive", "expect": []string{"order.placed"}, "threshold": 1, "within": 0}
	if change != nil {
		change(trigger)
	}
	return trigger
}

func proactive(trigger map[string]any) { trigger["posture"], trigger["within"] = "Proactive", 60 }

// TestForeignAutomations deploys over automations that others have made for the deployment: what `prefect deploy` made for a trigger goes on in
// place with the switch as it is, and what people made for themselves stays.
func TestForeignAutomations(t *testing.T) {
	t.Parallel()
	type made struct {
		name    string
		trigger map[string]any
		off     bool
		tags    []string
		elsewhere,
		twice bool // runs another deployment; does something else besides
	}
	tests := map[string]struct {
		made     []made
		triggers []string
		want     []string // afterwards: which one made it (0, 1, … or new), name, switch, whether it is ours
		writes   []string // to automations
		notes    []string
		old      bool // says the same of servers without tags, but for the tag
	}{
		"the same":                   {[]made{{name: "order", trigger: stored(nil)}}, []string{reacting}, []string{"0 order on ours"}, []string{"PUT"}, nil, false},
		"switched off":               {[]made{{name: "order", trigger: stored(nil), off: true}}, []string{reacting}, []string{"0 order off ours"}, []string{"PUT"}, nil, false},
		"the same, counting":         {[]made{{name: "order", trigger: stored(proactive)}}, []string{waiting}, []string{"0 order on"}, nil, nil, true},
		"counting, switched off":     {[]made{{name: "order", trigger: stored(proactive), off: true}}, []string{waiting}, []string{"0 order off"}, nil, nil, true},
		"counting, to be on":         {[]made{{name: "order", trigger: stored(proactive), off: true}}, []string{strings.Replace(waiting, "}", ", enabled: true}", 1)}, []string{"0 order on"}, []string{"PATCH"}, nil, true},
		"changed":                    {[]made{{name: "order", trigger: stored(func(x map[string]any) { x["threshold"] = 2 })}}, []string{reacting}, []string{"0 order on ours"}, []string{"PUT"}, []string{"begins to count anew"}, true},
		"changed, switched off":      {[]made{{name: "order", trigger: stored(func(x map[string]any) { x["expect"] = []string{"y"} }), off: true}}, []string{reacting}, []string{"0 order off ours"}, []string{"PUT"}, nil, true},
		"changed, counting":          {[]made{{name: "order", trigger: stored(func(x map[string]any) { proactive(x); x["within"] = 90 })}}, []string{waiting}, []string{"0 order on ours"}, []string{"PUT"}, []string{"its trigger order begins to count anew"}, true},
		"something else besides":     {[]made{{name: "order", trigger: stored(nil), twice: true}}, []string{reacting}, []string{"0 order on ours"}, []string{"PUT"}, nil, true},
		"with people's tags":         {[]made{{name: "order", trigger: stored(nil), tags: []string{"team"}}}, []string{reacting}, []string{"0 order on team ours"}, []string{"PUT"}, nil, false},
		"of a project that left":     {[]made{{name: "order", trigger: stored(nil), tags: []string{"flowmage:left/dev"}}}, []string{reacting}, []string{"0 order on ours"}, []string{"PUT"}, nil, false},
		"numbered, now with a name":  {[]made{{name: "one__automation_1", trigger: stored(nil)}}, []string{reacting}, []string{"0 order on ours"}, []string{"PUT"}, nil, false},
		"ours, renamed":              {[]made{{name: "old", trigger: stored(nil), tags: []string{"ours"}}}, []string{reacting}, []string{"0 order on ours"}, []string{"PUT"}, nil, false},
		"people's, the same work":    {[]made{{name: "mine", trigger: stored(nil)}}, []string{reacting}, []string{"0 mine on"}, nil, []string{"the automation mine does what the trigger order asks for"}, true},
		"people's, other work":       {[]made{{name: "mine", trigger: stored(proactive)}}, []string{reacting}, []string{"0 mine on", "new order on ours"}, []string{"POST"}, nil, true},
		"of another deployment":      {[]made{{name: "order", trigger: stored(nil), elsewhere: true}}, []string{reacting}, []string{"0 order on elsewhere", "new order on ours"}, []string{"POST"}, nil, true},
		"theirs beside ours":         {[]made{{name: "order", trigger: stored(nil)}, {name: "order", trigger: stored(nil), off: true, tags: []string{"ours"}}}, []string{reacting}, []string{"1 order off ours"}, []string{"DELETE"}, nil, false},
		"theirs beside ours, change": {[]made{{name: "order", trigger: stored(proactive)}, {name: "order", trigger: stored(proactive), tags: []string{"ours"}}}, []string{reacting}, []string{"1 order on ours"}, []string{"DELETE", "PUT"}, []string{"begins to count anew"}, false},
		"two of the name": {[]made{{name: "order", trigger: stored(proactive)}, {name: "order", trigger: stored(nil), tags: []string{"ours"}}}, []string{reacting},
			[]string{"0 order on", "1 order on ours"}, nil, []string{"the automation order (event order.placed) runs it too"}, false},
		"two that swap": {[]made{{name: "a", trigger: stored(nil)}, {name: "b", trigger: stored(proactive)}},
			[]string{strings.Replace(waiting, "order", "a", 1), strings.Replace(reacting, "order", "b", 1)}, []string{"0 a on ours", "1 b on ours"}, []string{"PUT", "PUT"}, []string{"its trigger b begins to count anew"}, true},
		"another trigger before it": {[]made{{name: "one__automation_1", trigger: stored(nil), off: true, tags: []string{"ours"}}}, []string{strings.Replace(other, "name: other, ", "", 1), strings.Replace(reacting, "name: order, ", "", 1)},
			[]string{"0 one__automation_2 off ours", "new one__automation_1 on ours"}, []string{"PUT", "POST"}, nil, false},
		"another trigger before it, counting": {[]made{{name: "one__automation_1", trigger: stored(proactive), off: true, tags: []string{"ours"}}}, []string{strings.Replace(other, "name: other, ", "", 1), strings.Replace(waiting, "name: order, ", "", 1)},
			[]string{"0 one__automation_1 off ours", "new one__automation_1 on ours"}, []string{"POST"}, nil, false},
		"the trigger before it is gone": {[]made{
			{name: "one__automation_1", trigger: stored(nil), tags: []string{"ours"}}, {name: "one__automation_2", trigger: stored(proactive), off: true, tags: []string{"ours"}},
		}, []string{strings.Replace(waiting, "name: order, ", "", 1)}, []string{"1 one__automation_2 off ours"}, []string{"DELETE"}, nil, false},
		"gone from the manifest": {[]made{{name: "old", trigger: stored(nil), tags: []string{"ours"}}, {name: "one__automation_2", trigger: stored(nil)}, {name: "mine", trigger: stored(nil)}}, nil,
			[]string{"1 one__automation_2 on", "2 mine on"}, []string{"DELETE"}, []string{"the automation one__automation_2 (event order.placed) runs it too"}, false},
	}
	version := prerequisiteVersion(t)
	for name, test := range tests {
		if !version.AtLeast(prefect.FullAutomations()) && !test.old {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.apply(t, automated())
			d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "one")
			if err != nil {
				t.Fatal(err)
			}
			elsewhere := b.somebodys(t, "other")
			ids := map[string]string{}
			for i, x := range test.made {
				runs := d.ID
				if x.elsewhere {
					runs = elsewhere.ID
				}
				action := map[string]any{"type": "run-deployment", "source": "selected", "deployment_id": runs}
				body := map[string]any{"name": x.name, "enabled": !x.off, "trigger": x.trigger, "actions": []any{action}}
				if x.twice {
					body["actions_on_trigger"] = []any{map[string]any{"type": "do-nothing"}}
				}
				if len(x.tags) > 0 {
					body["tags"] = []string{strings.Replace(x.tags[0], "ours", b.owner.Tag(), 1)}
				}
				a, err := b.api.CreateAutomation(t.Context(), runs, body)
				if err != nil {
					t.Fatal(err)
				}
				ids[a.ID] = strconv.Itoa(i)
				t.Cleanup(func() {
					if err := b.api.DeleteAutomation(context.WithoutCancel(t.Context()), a.ID); err != nil && !prefect.IsNotFound(err) {
						t.Error(err)
					}
				})
			}
			text := automated(test.triggers...)
			before := b.plan(t, text)
			b.writes = nil
			b.apply(t, text)
			var writes []string
			for _, w := range b.writes {
				if method, path, _ := strings.Cut(w, " "); strings.HasPrefix(path, "/automations") {
					writes = append(writes, method)
				}
			}
			if diff := gocmp.Diff(test.writes, writes); diff != "" {
				t.Errorf("writes: %s", diff)
			}
			if before.Empty() != (len(test.writes) == 0) {
				t.Errorf("the plan said %+v", before.Actions[0].Changes)
			}
			if notes := strings.Join(before.Actions[0].Notes, "\n"); len(before.Actions[0].Notes) != len(test.notes) || len(test.notes) > 0 && !strings.Contains(notes, test.notes[0]) {
				t.Errorf("notes: %s", notes)
			}
			got := append(b.described(t, d.ID, ids, ""), b.described(t, elsewhere.ID, ids, " elsewhere")...)
			slices.Sort(got)
			want := slices.Clone(test.want)
			if !version.AtLeast(prefect.FullAutomations()) {
				for i := range want {
					want[i] = strings.TrimSuffix(want[i], " ours")
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if err := b.api.DeleteAutomationsOwnedBy(t.Context(), d.ID); err != nil {
				t.Fatal(err)
			}
			if left := b.automationsOf(t, d.ID); len(left) > 0 {
				t.Errorf("`prefect deploy` would not find them again: %+v", left)
			}
		})
	}
}

// described gives a deployment's automations in the words of the cases.
func (b *bench) described(t *testing.T, id string, ids map[string]string, where string) []string {
	t.Helper()
	var out []string
	for _, a := range b.automationsOf(t, id) {
		words := []string{cmp.Or(ids[a.ID], "new"), a.Name, map[bool]string{true: "on", false: "off"}[a.Enabled] + where}
		if n := len(a.Actions) + len(a.ActionsOnTrigger) + len(a.ActionsOnResolve); n != 1 {
			words = append(words, fmt.Sprintf("with %d actions", n))
		}
		for _, tag := range a.Tags {
			words = append(words, strings.Replace(tag, b.owner.Tag(), "ours", 1))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// prerequisiteVersion gives the release of the shared server.
func prerequisiteVersion(t *testing.T) prefect.Release {
	t.Helper()
	var version string
	if err := json.Unmarshal(prerequisite.Ask(t, http.MethodGet, "/admin/version", nil), &version); err != nil {
		t.Fatal(err)
	}
	release, err := prefect.ParseRelease(version)
	if err != nil {
		t.Fatal(err)
	}
	return release
}
