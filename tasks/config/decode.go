package config

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/setting"
)

// env decodes the merged layers.
func (l *layers) env(name string) (Env, error) {
	values := l.all()
	e := Env{Name: name, values: values, origins: l.origins}
	late, err := decodeOverrides(l.late)
	if err == nil {
		err = setting.Decode(&e, values)
	}
	if err != nil {
		return Env{}, fmt.Errorf("settings of %s: %w", name, err)
	}
	e.late, e.Rules = late, e.Rules.settled()
	e.Parameters, e.JobVariables = Settled(e.Parameters), Settled(e.JobVariables)
	e.Server.URL = strings.TrimRight(e.Server.URL, "/")
	for i, p := range e.Paths {
		e.Paths[i] = setting.Slashed(p)
	}
	e.Prefix = strings.ReplaceAll(e.Prefix, setting.User, l.user)
	e.placeSchedules()
	e.folded = foldedNames(e.Flow)
	return e, nil
}

// decodeOverrides gives overrides as Go values.
func decodeOverrides(flows map[string]any) (out map[string]Override, err error) {
	if len(flows) > 0 {
		err = setting.Decode(&out, flows)
	}
	return out, err
}
