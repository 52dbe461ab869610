package automations

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// counterparts says which automation does the work of which trigger. The server knows which automations a deployment owns, and tells nobody.
// So one is known by our tag and its name, else by its name alone (what `prefect deploy` makes has no tags), else by what it does.
type counterparts struct {
	of      []*prefect.Automation // by trigger; nil where there is none
	doubles []prefect.Automation  // do the same as the counterpart of their name
	rest    []prefect.Automation  // do something else, or are people's
}

// counterparts looks among the automations that run the deployment. tag is that of ours, "" on servers that know none.
func (w Wanted) counterparts(tag string, live []prefect.Automation) (counterparts, error) {
	m, err := newMatching(w.Triggers, live)
	if err != nil {
		return counterparts{}, err
	}
	named := func(c candidate, t work) bool { return c.Name == t.Name }
	ours := func(c candidate, _ work) bool { return hasTag(c.Automation, tag) }
	same := func(c candidate, t work) bool { return canonical.Equal(c.does, t.does) }
	numbered := func(c candidate, _ work) bool { return w.numbered(c.Name) }
	// A made-up name says at which place the trigger stands, which changes when another one comes or goes before it.
	placed := func(c candidate, t work) bool { return w.numbered(t.Name) && (ours(c, t) || numbered(c, t)) }
	m.take(named, ours, same)
	m.take(named, same)
	m.take(placed, same)
	m.take(named, ours)
	m.take(named)
	m.take(ours, same)
	m.take(numbered, same)
	m.take(same)
	return m.result(func(c candidate, w work) bool {
		// A lost answer makes a second one, and so did whoever deployed over what `prefect deploy` had made. One of that name which does
		// something else may be people's.
		return named(c, w) && named(*w.by, w) && (ours(c, w) || same(c, w) || canonical.Equal(c.does, w.by.does))
	}), nil
}

// matching is a search for counterparts under way.
type matching struct {
	works []work
	free  []candidate // not taken yet
}

// work is a trigger with what it asks for, and who does it.
type work struct {
	manifest.Trigger
	does map[string]any
	by   *candidate
}

// candidate is an automation with what it does.
type candidate struct {
	prefect.Automation
	does map[string]any
}

func newMatching(triggers []manifest.Trigger, live []prefect.Automation) (*matching, error) {
	m := &matching{works: make([]work, 0, len(triggers)), free: make([]candidate, 0, len(live))}
	for _, t := range triggers {
		wanted, err := canonical.Of(wantedTrigger(t))
		if err != nil {
			return nil, fmt.Errorf("trigger %s: %w", t.Name, err)
		}
		m.works = append(m.works, work{Trigger: t, does: bare(wanted)})
	}
	for _, a := range live {
		does, err := liveTrigger(manifest.Trigger{}, a)
		if err != nil {
			return nil, fmt.Errorf("automation %s: %w", a.Name, err)
		}
		m.free = append(m.free, candidate{a, bare(does)})
	}
	return m, nil
}

// bare takes out what is not about the work.
func bare(trigger map[string]any) map[string]any {
	delete(trigger, "description")
	delete(trigger, "enabled")
	return trigger
}

// take gives each trigger that has none yet the first automation that is all of that.
func (m *matching) take(all ...func(candidate, work) bool) {
	for i := range m.works {
		w := &m.works[i]
		if w.by != nil {
			continue
		}
		at := slices.IndexFunc(m.free, func(c candidate) bool {
			return !slices.ContainsFunc(all, func(is func(candidate, work) bool) bool { return !is(c, *w) })
		})
		if at >= 0 {
			w.by = new(m.free[at])
			m.free = slices.Delete(m.free, at, at+1)
		}
	}
}

// result sorts what was not taken. double is asked about triggers that have their automation.
func (m *matching) result(double func(candidate, work) bool) counterparts {
	var out counterparts
	for _, w := range m.works {
		if w.by == nil {
			out.of = append(out.of, nil)
			continue
		}
		out.of = append(out.of, &w.by.Automation)
	}
	for _, c := range m.free {
		if slices.ContainsFunc(m.works, func(w work) bool { return w.by != nil && double(c, w) }) {
			out.doubles = append(out.doubles, c.Automation)
			continue
		}
		out.rest = append(out.rest, c.Automation)
	}
	return out
}

func hasTag(a prefect.Automation, tag string) bool { return tag != "" && slices.Contains(a.Tags, tag) }

// numbered tells whether that is a name which `prefect deploy` gives to the automation of a trigger without one.
func (w Wanted) numbered(name string) bool {
	number, ok := strings.CutPrefix(name, w.Deployment+"__automation_")
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

// Remembers tells whether an automation counts events over time: all do but those that act at once on each event.
func Remembers(a prefect.Automation) bool {
	after, _ := a.Trigger["after"].([]any)
	at := func(key string) float64 {
		n, _ := a.Trigger[key].(json.Number)
		x, err := n.Float64()
		if err != nil {
			return -1
		}
		return x
	}
	return a.Trigger["type"] != "event" || a.Trigger["posture"] != "Reactive" || len(after) > 0 || at("within") != 0 || at("threshold") != 1
}
