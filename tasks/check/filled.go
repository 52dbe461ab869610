package check

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Filled judges the settings into which variables are filled, with what environ has for them, as a value that is written out is judged: at the
// place where the placeholder stands. Also told is a placeholder that Prefect does not know, and one where nothing fills it in.
func Filled(e config.Env, environ func(string) (string, bool)) finding.List {
	f := filling{env: e, environ: environ, keys: sync.OnceValue(func() map[string]setting.Spec { return setting.OfSchedule().Keys })}
	e.Texts(func(path []string, text string) {
		if strings.Contains(text, "{{") && len(path) > 0 {
			f.judge(path, text)
		}
	})
	return f.findings.Sorted()
}

// filling judges texts with placeholders.
type filling struct {
	env      config.Env
	environ  func(string) (string, bool)
	keys     func() map[string]setting.Spec // of a schedule; made when they are wanted
	findings finding.List
}

func (f *filling) report(path []string, code, fix, message string) {
	key := setting.Show(path)
	f.findings = append(f.findings, catalogue.New(code, f.env.Scoped(key), finding.Finding{
		Position: f.env.Origin(key).Keyed(key), Message: key + " " + message, Fix: fix,
	}))
}

// judge looks at one text.
func (f *filling) judge(path []string, text string) {
	inside := path // of what holds for flows
	if path[0] == setting.Flows && len(path) > 2 {
		inside = path[2:]
	}
	if name, wrong := document.Malformed(text); wrong {
		f.report(path, "placeholder-form", document.VariableFix(name),
			fmt.Sprintf("has a placeholder of %s that Prefect does not know: it would store the text as it stands", name))
		return
	}
	filled, unset := document.Fill(text, f.environ)
	if filled == text && len(unset) == 0 {
		f.server(path, inside, text)
		return
	}
	for _, name := range unset {
		if head, is := document.Defaulted(name); is {
			f.report(path, "placeholder-form", document.VariableFix(head),
				fmt.Sprintf("has something behind the name of the variable %s, which Prefect would take as part of the name, and leave the value empty", head))
			return
		}
	}
	where := strings.TrimPrefix(inside[0], "+")
	switch {
	case where == "schedules" && len(inside) == 3:
		f.rule(path, inside, text, filled, unset)
	case !slices.Contains(fillable(), where) && (where != "pools" || !slices.Contains(inside, "defaults")): // those are judged with their pool
		f.report(path, "placeholder-place", "write the value, or set the whole setting: docs/settings.md#layers",
			"takes no variable: nothing would fill it in")
	}
}

// fillable are the settings that come into a deployment as they are, and so have their variables filled in.
func fillable() []string {
	return []string{"parameters", "schedules", "tags", "env", "job_variables", "description", "version", "code", "volumes", "networks", "memory"}
}

// rule judges a text of a schedule.
func (f *filling) rule(path, inside []string, text, filled string, unset []string) {
	if len(unset) > 0 {
		f.report(path, "variable-unset", "set "+unset[0]+" where the command runs, or write the value", fmt.Sprintf("takes the variable %s, which is not set", unset[0]))
		return
	}
	known, ok := f.keys()[inside[2]]
	if !ok || known.Rule == nil || filled == "" && inside[2] != "cron" && inside[2] != "rrule" { // no zone, no anchor
		return
	}
	if p := known.Rule(filled); p != nil {
		f.report(path, p.Code, p.Fix, p.Message+"; the value came from "+text)
	}
}

// server tells of a schedule that refers to what only the server has: it must be known when it is written.
func (f *filling) server(path, inside []string, text string) {
	if strings.TrimPrefix(inside[0], "+") == "schedules" && len(inside) == 3 {
		f.report(path, "server-reference", "hand the value over in a variable of the environment: {{ $NAME }}",
			fmt.Sprintf("holds %s, and blocks and variables of the server are not fetched to write a schedule", setting.Shorten(text)))
	}
}
