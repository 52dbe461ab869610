package manifest

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/document"
)

// What a shell step gives out; for images see [ImageStep.Made].
const (
	stdout = "stdout"
	stderr = "stderr"
)

// Outputs are what steps gave out, by the names that placeholders use: commit.stdout for a step with the id commit, and stdout for
// whichever step gave one out last.
type Outputs map[string]string

// Printed gives the outputs of a shell step, without white space around them.
func Printed(out, err string) map[string]string {
	return map[string]string{stdout: strings.TrimSpace(out), stderr: strings.TrimSpace(err)}
}

// Add notes what a step gave out.
func (o Outputs) Add(s Step, values map[string]string) {
	for name, value := range values {
		o[name] = value
		if s.ID != "" {
			o[s.ID+"."+name] = value
		}
	}
}

// Fill gives a value of JSON with the outputs in place of their placeholders. Other placeholders stay.
func (o Outputs) Fill(v any) any {
	return replaced(v, func(name string) (string, bool) {
		value, ok := o[name]
		return value, ok
	})
}

// Step gives a step with the outputs of those before it filled in.
func (o Outputs) Step(s Step) Step {
	return s.each(func(text, _ string) string { return o.text(text) })
}

// Schedules gives schedules with the outputs filled in, for [Settle].
func (o Outputs) Schedules(list []Schedule) []Schedule {
	out := slices.Clone(list)
	for i := range out {
		s := &out[i]
		s.Cron, s.RRule, s.Timezone, s.AnchorDate = o.text(s.Cron), o.text(s.RRule), o.text(s.Timezone), o.text(s.AnchorDate)
		s.ActiveText, s.DayOrText = o.text(s.ActiveText), o.text(s.DayOrText)
		if s.Parameters != nil {
			s.Parameters, _ = o.Fill(s.Parameters).(map[string]any)
		}
	}
	return out
}

func (o Outputs) text(s string) string {
	filled, _ := o.Fill(s).(string)
	return filled
}

// Later gives a value for people, in which "(known after step commit)" stands for an output of steps that have not run.
func Later(v any, steps []Step) any {
	return replaced(v, func(name string) (string, bool) {
		id, known := producer(name, steps)
		switch {
		case !known:
			return "", false
		case id == "":
			return "(known after the steps)", true
		default:
			return "(known after step " + id + ")", true
		}
	})
}

// producer tells whether one of the steps gives out what a placeholder names, and the step's id, empty when any step does.
func producer(name string, steps []Step) (id string, known bool) {
	if slices.ContainsFunc(steps, func(s Step) bool { return slices.Contains(s.gives(), name) }) {
		return "", true
	}
	id, output, _ := strings.Cut(name, ".")
	known = slices.ContainsFunc(steps, func(s Step) bool { return s.ID == id && id != "" && slices.Contains(s.gives(), output) })
	return id, known
}

// Feeds tells whether a text has placeholders for what the step gives out.
func (s Step) Feeds(text string) bool {
	return slices.ContainsFunc(outputPlaceholder.FindAllStringSubmatch(text, -1), func(found []string) bool {
		_, known := producer(found[1], []Step{s})
		return known
	})
}

// replaced gives a value of JSON in which the placeholders that value knows are replaced.
func replaced(v any, value func(name string) (string, bool)) any {
	return document.Texts(v, func(s string) string {
		return outputPlaceholder.ReplaceAllStringFunc(s, func(whole string) string {
			if text, ok := value(outputPlaceholder.FindStringSubmatch(whole)[1]); ok {
				return text
			}
			return whole
		})
	})
}
