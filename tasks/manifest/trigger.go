package manifest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Trigger is one of a deployment's triggers: an automation that starts a run when events come, or don't come.
type Trigger struct {
	Name          string // of the automation, never empty
	Description   string
	Enabled       *bool          // nil: what the server has is kept; new ones are enabled
	Parameters    map[string]any // of the run; nil: the deployment's own
	JobVariables  map[string]any // of the run; nil: the deployment's own
	ScheduleAfter float64        // seconds from the event to the run
	When          map[string]any // the trigger as the API stores it, defaults filled in
	Position      finding.Position
	// Again reads the trigger anew, with its placeholders filled in; nil where it has none at a key whose value is no text.
	Again func(fill func(text, key string) string) (Trigger, finding.List)
}

// The kinds of triggers.
const (
	eventTrigger    = "event"
	metricTrigger   = "metric"
	compoundTrigger = "compound"
	sequenceTrigger = "sequence"
)

// within is the key of the time in which events must come.
const within = "within"

// The postures of triggers.
const (
	reactive  = "Reactive"
	proactive = "Proactive"
	metric    = "Metric"
)

// quietest is the shortest time in seconds after which a proactive trigger may fire, and shortest that of a metric's windows.
const (
	quietest = 10.0
	shortest = 300.0
)

func (r *reader) triggers(n *yaml.Node) []Trigger {
	if n.Tag == document.Null {
		return nil
	}
	items := r.mappings(n, "triggers", "triggers", "a trigger", "expect: […]")
	out := make([]Trigger, 0, len(items))
	for _, c := range items {
		before := len(r.Findings)
		t := r.trigger(c)
		if len(r.Findings) > before && holdsVariable(c) {
			r.Findings = r.Findings[:before] // judged when it is filled in
			t.Again = r.again(c)
		}
		out = append(out, t)
	}
	return out
}

// trigger reads one trigger with what its automation and its run need (Prefect: events/schemas/deployment_triggers.py).
func (r *reader) trigger(n *yaml.Node) Trigger {
	t := Trigger{Position: r.At(n, "triggers")}
	t.When = r.when(n, map[string]func(*yaml.Node){
		"name":           optional(func(v *yaml.Node) { t.Name = r.text(v, "triggers.name") }),
		"description":    func(v *yaml.Node) { t.Description = r.text(v, "triggers.description") },
		"enabled":        func(v *yaml.Node) { r.filled(v, "triggers.enabled"); t.Enabled = r.truth(v, "triggers.enabled") },
		"parameters":     optional(func(v *yaml.Node) { t.Parameters = r.object(v, "triggers.parameters") }),
		"job_variables":  optional(func(v *yaml.Node) { t.JobVariables = r.object(v, "triggers.job_variables") }),
		"schedule_after": func(v *yaml.Node) { t.ScheduleAfter = r.span(v, "triggers.schedule_after") },
	})
	return t
}

// when reads what a trigger waits for; more are the keys that stand beside it.
func (r *reader) when(n *yaml.Node, more map[string]func(*yaml.Node)) map[string]any {
	form := r.triggerForm(n)
	out := map[string]any{"type": form}
	handlers := map[string]func(*yaml.Node){"type": func(*yaml.Node) {}}
	maps.Copy(handlers, more)
	switch form {
	case eventTrigger:
		r.event(out, handlers)
	case metricTrigger:
		r.metric(out, handlers)
	default:
		r.composite(form, out, handlers)
	}
	r.known(n, "a trigger", handlers)
	r.complete(n, form, out)
	return out
}

// triggerForm gives a trigger's type, which may follow from its other keys.
func (r *reader) triggerForm(n *yaml.Node) string {
	has := map[string]*yaml.Node{}
	for _, e := range r.entries(n) {
		has[e.Name] = e.Value
	}
	forms := []string{eventTrigger, metricTrigger, compoundTrigger, sequenceTrigger}
	switch {
	case has["type"] != nil:
		form := r.text(has["type"], "triggers.type")
		if slices.Contains(forms, form) {
			return form
		}
		if has["type"].Tag == textTag {
			r.Fail(has["type"], "triggers.type", "trigger-type", "write one of "+strings.Join(forms, ", "), "there is no trigger of type %q", form)
		}
	case has["posture"] != nil && has["posture"].Value == metric:
		return metricTrigger
	case has["triggers"] != nil && has["require"] != nil:
		return compoundTrigger
	case has["triggers"] != nil:
		return sequenceTrigger
	}
	return eventTrigger
}

// event fills in the defaults of an event trigger and gives the readers of its keys.
func (r *reader) event(out map[string]any, handlers map[string]func(*yaml.Node)) {
	maps.Copy(out, map[string]any{
		"match": map[string]any{}, "match_related": map[string]any{}, "after": []any{}, "expect": []any{}, "for_each": []any{},
		"posture": reactive, "threshold": 1, within: 0.0,
	})
	r.matching(out, handlers)
	for _, key := range []string{"after", "expect", "for_each"} {
		handlers[key] = func(v *yaml.Node) { out[key] = r.set(v, "triggers."+key) }
	}
	handlers["posture"] = func(v *yaml.Node) { out["posture"] = r.word(v, "triggers.posture", reactive, proactive) }
	handlers["threshold"] = func(v *yaml.Node) { out["threshold"] = r.whole(v, "triggers.threshold") }
	handlers[within] = func(v *yaml.Node) { out[within] = r.span(v, "triggers.within") }
}

func (r *reader) matching(out map[string]any, handlers map[string]func(*yaml.Node)) {
	handlers["match"] = func(v *yaml.Node) { out["match"] = r.labels(v, "triggers.match") }
	handlers["match_related"] = func(v *yaml.Node) {
		if v.Kind != yaml.SequenceNode {
			out["match_related"] = r.labels(v, "triggers.match_related")
			return
		}
		list := []any{}
		for _, c := range v.Content {
			list = append(list, r.labels(document.Target(c), "triggers.match_related"))
		}
		out["match_related"] = list
	}
}

// metric is a trigger on a measure, which only Cloud has.
func (r *reader) metric(out map[string]any, handlers map[string]func(*yaml.Node)) {
	out["match"], out["match_related"], out["posture"] = map[string]any{}, map[string]any{}, metric
	r.matching(out, handlers)
	handlers["posture"] = func(v *yaml.Node) { r.word(v, "triggers.posture", metric) }
	handlers["metric"] = func(v *yaml.Node) {
		if v.Kind != yaml.MappingNode {
			r.Fail(v, "triggers.metric", wrongType, "write a mapping: {name: lateness, …}", "triggers.metric must be a mapping, this is %s", document.Kind(v))
			return
		}
		query := map[string]any{"range": shortest, "firing_for": shortest}
		window := func(key string) func(*yaml.Node) {
			return func(v *yaml.Node) {
				seconds := r.span(v, "triggers.metric."+key)
				if query[key] = seconds; seconds < shortest {
					r.Fail(v, "triggers.metric."+key, "value-range", "use 300 or more", "triggers.metric.%s must be at least 5 minutes", key)
				}
			}
		}
		r.known(v, "triggers.metric", map[string]func(*yaml.Node){
			"name": func(v *yaml.Node) {
				query["name"] = r.word(v, "triggers.metric.name", "lateness", "duration", "successes")
			},
			"operator":   func(v *yaml.Node) { query["operator"] = r.word(v, "triggers.metric.operator", "<", "<=", ">", ">=") },
			"threshold":  func(v *yaml.Node) { query["threshold"] = r.number(v, "triggers.metric.threshold") },
			"range":      window("range"),
			"firing_for": window("firing_for"),
		})
		out["metric"] = query
	}
}

// composite is a trigger made of others.
func (r *reader) composite(form string, out map[string]any, handlers map[string]func(*yaml.Node)) {
	out["triggers"], out[within] = []any{}, nil
	handlers[within] = optional(func(v *yaml.Node) { out[within] = r.span(v, "triggers.within") })
	handlers["triggers"] = func(v *yaml.Node) {
		items := r.mappings(v, "triggers.triggers", "triggers", "a trigger", "expect: […]")
		list := make([]any, 0, len(items))
		for _, c := range items {
			list = append(list, r.when(c, nil))
		}
		out["triggers"] = list
	}
	if form == compoundTrigger {
		handlers["require"] = func(v *yaml.Node) {
			if v.Tag == textTag {
				out["require"] = r.word(v, "triggers.require", "any", "all")
				return
			}
			out["require"] = r.whole(v, "triggers.require")
		}
	}
}

// complete judges a trigger as a whole, and fills in what follows from its other keys.
func (r *reader) complete(n *yaml.Node, form string, out map[string]any) {
	switch form {
	case eventTrigger:
		span, _ := out[within].(float64)
		if out["posture"] != proactive || span >= quietest {
			return
		}
		if span > 0 {
			r.Fail(n, "triggers.within", "value-range", "use 10 or more", "within of a proactive trigger must be at least 10 seconds, this is %g", span)
		}
		out[within] = quietest
	case metricTrigger:
		if out["metric"] == nil {
			r.Fail(n, "triggers.metric", "trigger-incomplete", "add `metric: {name: lateness, operator: \">\", threshold: 60}`", "a metric trigger needs its metric")
		}
	default:
		r.parts(n, form, out)
	}
}

// parts judges what a trigger is made of.
func (r *reader) parts(n *yaml.Node, form string, out map[string]any) {
	parts, _ := out["triggers"].([]any)
	require, counted := out["require"].(int)
	switch {
	case len(parts) == 0:
		r.Fail(n, "triggers.triggers", "trigger-incomplete", "add `triggers: […]`", "a %s trigger needs the triggers that it is made of", form)
	case form == compoundTrigger && out["require"] == nil:
		r.Fail(n, "triggers.require", "trigger-incomplete", "add `require: any`, `all`, or a number", "a compound trigger must say how many of its triggers it requires")
	case counted && (require < 1 || require > len(parts)):
		r.Fail(n, "triggers.require", "value-range", fmt.Sprintf("use 1 to %d", len(parts)), "require is %d of %d triggers", require, len(parts))
	}
}

// named gives a trigger without a name the one that Prefect gives it.
func named(list []Trigger, deployment string) []Trigger {
	for i := range list {
		if list[i].Name == "" {
			list[i].Name = fmt.Sprintf("%s__automation_%d", deployment, i+1)
		}
	}
	return list
}

// triggers fills in variables of the environment. The parameters of a run may refer to its event, which is left for the server.
func (r *resolving) triggers(list []Trigger) []Trigger {
	out := slices.Clone(list)
	for i := range out {
		t := &out[i]
		if t.Again != nil {
			*t = r.reread(*t)
		}
		t.Name, t.Description = r.text(t.Name, "triggers.name"), r.text(t.Description, "triggers.description")
		t.When = r.mapping(t.When, "triggers")
		t.JobVariables = r.mapping(t.JobVariables, "triggers.job_variables")
		later := r.worker
		r.worker = true // names that nobody knows here are the server's to fill in
		t.Parameters = r.mapping(t.Parameters, "triggers.parameters")
		r.worker = later
	}
	return out
}
