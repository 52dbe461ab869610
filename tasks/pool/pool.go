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

// Pool is a work pool as it shall be. An empty type says that any will do, and none can be created.
type Pool = config.Pool

// Queue is a work pool's queue as it shall be.
type Queue = config.Queue

// Wanted gives the work pools that deployments of the environment may go to, sorted by name, and all that is wrong with what the settings
// say of them. own is the user's repository, builtIn holds the templates pools/<type>.json.
func Wanted(own, builtIn fs.FS, env config.Env) ([]Pool, finding.List) {
	list, findings := Stated(env)
	out := make([]Pool, 0, len(list))
	for _, p := range list {
		base, wrong := template(own, builtIn, env, p)
		findings = append(findings, wrong...)
		p.Base, p.Position = base, env.Origin(p.Key("name")).Position
		p.Defaults, p.Queues = maps.Clone(p.Defaults), maps.Clone(p.Queues)
		out = append(out, p)
	}
	return out, findings.Sorted()
}
