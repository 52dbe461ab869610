package schedules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// A schedule is found again, whoever made it, and is edited in place.
func TestCompareSchedules(t *testing.T) {
	t.Parallel()
	morning, evening := stored("m", "0 6 * * *"), stored("e", "0 18 * * *")
	eu, us := stored("eu", "0 6 * * *", with("eu")), stored("us", "0 6 * * *", with("us"))
	tests := map[string]struct {
		have []prefect.Schedule
		want string // a list of schedules, as YAML
		does string // edits and changes
	}{
		"none": {nil, "", ""},
		"a new one": {nil, `{cron: "0 6 * * *"}`, `create cron 0 6 * * *
schedules: nothing -> cron 0 6 * * * UTC`},
		"a new one with a slug": {nil, `{cron: "0 6 * * *", slug: m}`, `create cron 0 6 * * * slug m
schedules.m: nothing -> cron 0 6 * * * UTC`},
		"a new one that rests": {nil, `{cron: "0 6 * * *", active: false}`, `create cron 0 6 * * * active false
schedules: nothing -> cron 0 6 * * * UTC, paused`},
		"without slugs":                        {[]prefect.Schedule{morning}, `{cron: "0 6 * * *"}`, ""},
		"without slugs, paused":                {[]prefect.Schedule{paused(morning)}, `{cron: "0 6 * * *"}`, ""},
		"of an earlier release, alone":         {[]prefect.Schedule{slugged(morning, "default")}, `{cron: "0 6 * * *"}`, ""},
		"of an earlier release, among several": {[]prefect.Schedule{slugged(morning, "schedule-b7c343f1"), evening}, `{cron: "0 18 * * *"}, {cron: "0 6 * * *"}`, ""},
		"a slug that was taken out":            {[]prefect.Schedule{slugged(morning, "early")}, `{cron: "0 6 * * *"}`, ""},
		"a slug that was put in": {[]prefect.Schedule{paused(morning)}, `{cron: "0 6 * * *", slug: early}`, `update m slug early
schedules.early.slug: nothing -> early`},
		"a slug that earlier releases made up, written out": {[]prefect.Schedule{slugged(morning, "default")}, `{cron: "0 6 * * *", slug: default}`, ""},
		"a slug and another rule, in place of a slug that was made up": {[]prefect.Schedule{paused(slugged(morning, "default"))}, `{cron: "0 7 * * *", slug: early}`, `update m cron 0 7 * * * slug early
schedules.early.slug: default -> early
schedules.early.cron: 0 6 * * * -> 0 7 * * *`},
		"another slug": {[]prefect.Schedule{slugged(morning, "early")}, `{cron: "0 6 * * *", slug: first}`, `update m slug first
schedules.first.slug: early -> first`},
		"a second one": {[]prefect.Schedule{paused(morning)}, `{cron: "0 6 * * *"}, {cron: "0 18 * * *"}`, `create cron 0 18 * * *
schedules.2: nothing -> cron 0 18 * * * UTC`},
		"from two to one": {[]prefect.Schedule{paused(morning), evening}, `{cron: "0 6 * * *"}`, `remove e
schedules: cron 0 18 * * * UTC -> nothing`},
		"one less, which rests": {[]prefect.Schedule{paused(morning), evening}, `{cron: "0 18 * * *"}`, `remove m
schedules: cron 0 6 * * * UTC, paused -> nothing`},
		"another order": {[]prefect.Schedule{morning, evening}, `{cron: "0 18 * * *"}, {cron: "0 6 * * *"}`, ""},
		"an edited rule, alone": {[]prefect.Schedule{paused(morning)}, `{cron: "0 7 * * *"}`, `update m cron 0 7 * * *
schedules.cron: 0 6 * * * -> 0 7 * * *`},
		"an edited rule, among others": {[]prefect.Schedule{paused(morning), evening}, `{cron: "0 18 * * *"}, {cron: "0 7 * * *"}`, `update m cron 0 7 * * *
schedules.2.cron: 0 6 * * * -> 0 7 * * *`},
		"another kind of rule": {[]prefect.Schedule{morning}, `{interval: 60}`, `update m interval 60
schedules.cron: 0 6 * * * -> nothing
schedules.day_or: true -> nothing
schedules.interval: nothing -> 60`},
		"an edited zone": {[]prefect.Schedule{paused(morning)}, `{cron: "0 6 * * *", timezone: Europe/Berlin}`, `update m cron 0 6 * * * zone Europe/Berlin
schedules.timezone: UTC -> Europe/Berlin`},
		"two of one rule": {[]prefect.Schedule{paused(us), eu}, `{cron: "0 6 * * *", parameters: {region: eu}}, {cron: "0 6 * * *", parameters: {region: us}}`, ""},
		"two of one rule, one edited": {[]prefect.Schedule{paused(us), eu}, `{cron: "0 6 * * *", parameters: {region: eu}}, {cron: "0 6 * * *", parameters: {region: asia}}`, `update us parameters asia
schedules.2.parameters.region: us -> asia`},
		"two of one rule, both edited, both paused": {
			[]prefect.Schedule{paused(us), paused(eu)}, `{cron: "0 6 * * *", parameters: {region: asia}}, {cron: "0 6 * * *", parameters: {region: africa}}`,
			`update eu parameters asia
update us parameters africa
schedules.1.parameters.region: eu -> asia
schedules.2.parameters.region: us -> africa`,
		},
		"two of one rule, both edited, nobody knows which is paused": {
			[]prefect.Schedule{paused(us), eu}, `{cron: "0 6 * * *", parameters: {region: asia}}, {cron: "0 6 * * *", parameters: {region: africa}}`,
			`create cron 0 6 * * * parameters asia
create cron 0 6 * * * parameters africa
remove eu
remove us
schedules.1: nothing -> cron 0 6 * * * UTC {"region":"asia"}
schedules.2: nothing -> cron 0 6 * * * UTC {"region":"africa"}
schedules: cron 0 6 * * * UTC {"region":"eu"} -> nothing
schedules: cron 0 6 * * * UTC {"region":"us"}, paused -> nothing`,
		},
		"one of one rule with two sets of parameters": {[]prefect.Schedule{paused(us)}, `{cron: "0 6 * * *", parameters: {region: eu}}, {cron: "0 6 * * *", parameters: {region: us}}`, `create cron 0 6 * * * parameters eu
schedules.1: nothing -> cron 0 6 * * * UTC {"region":"eu"}`},
		"the same twice": {[]prefect.Schedule{morning}, `{cron: "0 6 * * *"}, {cron: "0 6 * * *"}`, `create cron 0 6 * * *
schedules.2: nothing -> cron 0 6 * * * UTC`},
		"made twice, once paused": {[]prefect.Schedule{morning, paused(stored("m2", "0 6 * * *"))}, `{cron: "0 6 * * *", active: false}`, `remove m
schedules: cron 0 6 * * * UTC -> nothing`},
		"the same twice, of which one is declared to run": {[]prefect.Schedule{morning, paused(stored("m2", "0 6 * * *"))}, `{cron: "0 6 * * *"}, {cron: "0 6 * * *", active: true}`, ""},
		"made with another default": {
			[]prefect.Schedule{paused(byOldServe(morning)), byOldServe(evening)}, `{cron: "0 18 * * *"}, {cron: "0 6 * * *"}`,
			`update e cron 0 18 * * *
update m cron 0 6 * * *
schedules.1.day_or: false -> true
schedules.2.day_or: false -> true`,
		},
		"made with another default, and edited": {
			[]prefect.Schedule{paused(byOldServe(eu)), byOldServe(evening)}, `{cron: "0 18 * * *"}, {cron: "0 6 * * *", parameters: {region: asia}}`,
			`update e cron 0 18 * * *
update eu cron 0 6 * * * parameters asia
schedules.1.day_or: false -> true
schedules.2.day_or: false -> true
schedules.2.parameters.region: eu -> asia`,
		},
		"made with another default, one of two paused": {
			[]prefect.Schedule{paused(byOldServe(eu)), byOldServe(us)}, `{cron: "0 6 * * *", parameters: {region: us}}, {cron: "0 6 * * *", parameters: {region: eu}}`,
			`update eu cron 0 6 * * * parameters eu
update us cron 0 6 * * * parameters us
schedules.1.day_or: false -> true
schedules.2.day_or: false -> true`,
		},
		"one rule in two zones, both with other parameters": {
			[]prefect.Schedule{paused(eu), inBerlin(us)},
			`{cron: "0 6 * * *", timezone: Europe/Berlin, parameters: {region: asia}}, {cron: "0 6 * * *", parameters: {region: africa}}`,
			`update eu parameters africa
update us parameters asia
schedules.1.parameters.region: us -> asia
schedules.2.parameters.region: eu -> africa`,
		},
		"all in another zone": {
			[]prefect.Schedule{paused(morning), evening}, `{cron: "0 18 * * *", timezone: Europe/Berlin}, {cron: "0 6 * * *", timezone: Europe/Berlin}`,
			`update e cron 0 18 * * * zone Europe/Berlin
update m cron 0 6 * * * zone Europe/Berlin
schedules.1.timezone: UTC -> Europe/Berlin
schedules.2.timezone: UTC -> Europe/Berlin`,
		},
		"two names are two schedules": {[]prefect.Schedule{paused(slugged(morning, "early"))}, `{cron: "0 18 * * *", slug: late}`, `create cron 0 18 * * * slug late
remove m
schedules.late: nothing -> cron 0 18 * * * UTC
schedules.early: cron 0 6 * * * UTC, paused -> nothing`},
		"an edited one with a name": {[]prefect.Schedule{paused(slugged(morning, "early")), evening}, `{cron: "0 18 * * *"}, {cron: "0 7 * * *", slug: early}`, `update m cron 0 7 * * *
schedules.early.cron: 0 6 * * * -> 0 7 * * *`},
		"names that change places": {
			[]prefect.Schedule{slugged(morning, "a"), slugged(evening, "b")}, `{cron: "0 6 * * *", slug: b}, {cron: "0 18 * * *", slug: a}`,
			`update e cron 0 6 * * *
update m cron 0 18 * * *
schedules.b.cron: 0 18 * * * -> 0 6 * * *
schedules.a.cron: 0 6 * * * -> 0 18 * * *`,
		},
		"a replaced name": {[]prefect.Schedule{paused(slugged(morning, "early")), evening}, `{cron: "0 7 * * *", slug: first, replaces: early}, {cron: "0 18 * * *"}`, `update m cron 0 7 * * * slug first
schedules.first.slug: early -> first
schedules.first.cron: 0 6 * * * -> 0 7 * * *`},
		"declared to run": {[]prefect.Schedule{paused(morning)}, `{cron: "0 6 * * *", active: true}`, `update m active true
schedules.active: false -> true`},
		"an interval keeps what it counts from": {[]prefect.Schedule{hourly("h")}, `{interval: 3600, parameters: {region: eu}}`, `update h parameters eu
schedules.parameters: nothing -> map[region:eu]`},
		"another interval counts from where the old one did": {[]prefect.Schedule{hourly("h")}, `{interval: 7200}`, `update h interval 7200 from 2024-01-01T00:00:00Z
schedules.interval: 3600 -> 7200`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, findings := manifest.Parse("prefect.yaml", []byte(`deployments: [{name: one, entrypoint: "f.py:f", schedules: [`+test.want+`]}]`))
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			for _, have := range [][]prefect.Schedule{test.have, backwards(test.have)} {
				edits, changes := Compare(m.Deployments[0].Schedules, true, have)
				if diff := cmp.Diff(test.does, told(edits, changes)); diff != "" {
					t.Error(diff)
				}
				if (len(changes) == 0) != edits.Empty() {
					t.Errorf("%d changes are shown, and it writes: %v", len(changes), !edits.Empty())
				}
			}
		})
	}
}

// stored is a schedule on the server that nobody named.
func stored(id, cron string, edits ...func(*prefect.Schedule)) prefect.Schedule {
	s := prefect.Schedule{ID: id, Active: true, Rule: prefect.Rule{Cron: cron, Timezone: "UTC"}, Created: time.Unix(1, 0)}
	for _, edit := range edits {
		edit(&s)
	}
	return s
}

func with(region string) func(*prefect.Schedule) {
	return func(s *prefect.Schedule) { s.Parameters = map[string]any{"region": region} }
}

func hourly(id string) prefect.Schedule {
	return prefect.Schedule{ID: id, Active: true, Rule: prefect.Rule{Interval: 3600, AnchorDate: "2024-01-01T00:00:00Z", Timezone: "UTC"}}
}

func inBerlin(s prefect.Schedule) prefect.Schedule {
	s.Rule.Timezone = "Europe/Berlin"
	return s
}

// byOldServe is a schedule as `.serve()` of Prefect 3.2 makes it.
func byOldServe(s prefect.Schedule) prefect.Schedule {
	s.Rule.DayOr = new(false)
	return s
}

func paused(s prefect.Schedule) prefect.Schedule {
	s.Active = false
	return s
}

func slugged(s prefect.Schedule, slug string) prefect.Schedule {
	s.Slug = slug
	return s
}

func backwards(list []prefect.Schedule) []prefect.Schedule {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// told gives edits and changes as text.
func told(e Edits, changes []canonical.Change) string {
	var lines []string
	for _, body := range e.Create {
		lines = append(lines, "create"+bodyText(body))
	}
	for _, id := range slices.Sorted(maps.Keys(e.Update)) {
		lines = append(lines, "update "+id+bodyText(e.Update[id]))
	}
	for _, id := range e.Remove {
		lines = append(lines, "remove "+id)
	}
	for _, c := range changes {
		lines = append(lines, strings.ReplaceAll(fmt.Sprintf("%s: %v -> %v", c.Field, c.From, c.To), "<nil>", "nothing"))
	}
	return strings.Join(lines, "\n")
}

func bodyText(body map[string]any) string {
	var out strings.Builder
	say := func(word string, v any) {
		if v != nil {
			fmt.Fprintf(&out, " %s %v", word, v)
		}
	}
	rule, _ := body["schedule"].(map[string]any)
	for _, key := range []string{"cron", "interval", "rrule"} {
		say(key, rule[key])
	}
	say("from", rule["anchor_date"])
	say("zone", rule["timezone"])
	parameters, sent := body["parameters"].(map[string]any)
	if !sent {
		out.WriteString(" without parameters, which empties them")
	}
	say("parameters", parameters["region"])
	say("slug", body["slug"])
	if _, isNew := body["schedule"]; body["active"] != true || !isNew {
		say("active", body["active"])
	}
	return out.String()
}
