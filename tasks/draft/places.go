package draft

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

// placed parts findings about the rendered text: settled ones stand at the setting that their value came from, the others came from the
// template.
func placed(p Pinned, list finding.List) (settled, others finding.List) {
	if len(list) == 0 { // as nearly always
		return nil, nil
	}
	flows := map[string]flow.Flow{}
	for _, f := range p.Ready {
		settings := p.Env.Settings(f.Names()...)
		for _, kind := range settings.Kinds {
			flows[settings.DeploymentName(f.Slug(), kind)] = f
		}
	}
	for _, x := range list {
		f, known := flows[x.Subject]
		at, found := finding.Position{}, false
		if known {
			at, found = settingOf(p.Env, f, x.Position.Key)
			if !found && x.Position.Key == "description" { // its docstring
				at, found = finding.Position{File: f.File, Line: f.Line}, true
			}
		}
		if !found {
			others = append(others, x)
			continue
		}
		x.Position, x.Subject, x.Scope = at, "", finding.Everything() // flows that share a setting share what is told of it
		settled = append(settled, x)
	}
	return settled.Sorted(), others
}

// settingOf finds the setting that a key of a rendered deployment comes from.
func settingOf(env config.Env, f flow.Flow, key string) (finding.Position, bool) {
	keys := []string{key}
	if variable, ok := strings.CutPrefix(key, "work_pool.job_variables.env."); ok {
		keys = []string{"env." + variable, "job_variables.env." + variable}
	} else if variable, ok := strings.CutPrefix(key, "work_pool.job_variables."); ok {
		keys = []string{"job_variables." + variable}
	} else if strings.HasPrefix(key, "pull") {
		keys = []string{"code"}
	} else if strings.HasPrefix(key, "schedules") {
		keys = []string{"schedules"}
	}
	for _, key := range keys {
		if at := env.FlowOrigin(key, f.Names()...); !at.IsDefault() {
			return at.Position, true
		}
	}
	return finding.Position{}, false
}
