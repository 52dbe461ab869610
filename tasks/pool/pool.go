// Package pool says how work pools shall be: their type, the base job template with the settings' defaults in it, limits, and queues.
//
// Start with [Wanted], which makes it of an environment's settings and of templates in the repository or built in; template.go reads and fills
// those, and judges values by the JSON Schema in them. It asks no server: package plan compares with what that has.
package pool

import (
	"io/fs"
	"maps"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Pool is a work pool as it shall be.
type Pool struct {
	Name string
	Type string // empty: any will do, and none can be created
	// Template is the base job template as plain JSON values; nil: whatever the server has.
	Template map[string]any
	// Defaults are those values in the template that the settings give its variables.
	Defaults    map[string]any
	Concurrency *int
	// Queues are those that shall be there, by name; nil: nobody looks at them.
	Queues map[string]Queue
	// Stated says that the settings say more of it than name and type.
	Stated   bool
	Position finding.Position // where the settings name it
}

// Queue is a work pool's queue as it shall be.
type Queue = config.Queue

// Wanted gives the work pools that deployments of the environment may go to, sorted by name, and all that is wrong with what the settings
// say of them. own is the user's repository, builtIn holds the templates pools/<type>.json.
func Wanted(own, builtIn fs.FS, env config.Env) ([]Pool, finding.List) {
	list, findings := Stated(env)
	out := make([]Pool, 0, len(list))
	for _, p := range list {
		t, wrong := template(own, builtIn, env, p)
		findings = append(findings, wrong...)
		u := p.Upkeep
		out = append(out, Pool{
			Name: p.Name, Type: p.Type, Template: t, Defaults: maps.Clone(u.Defaults), Concurrency: u.Concurrency, Queues: maps.Clone(u.Queues),
			Stated:   u.Concurrency != nil || u.Template != "" || u.Defaults != nil || u.Queues != nil,
			Position: env.Origin(p.Key("name")).Position,
		})
	}
	return out, findings.Sorted()
}
