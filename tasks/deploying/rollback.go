package deploying

import (
	"fmt"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// MissingCode tells of deployments whose entrypoint's file is not in the repository any more.
func MissingCode(s *session.Session, planned plan.Plan) []string {
	var out []string
	for _, a := range planned.Actions {
		file, _, isFile := strings.Cut(a.Entrypoint, ":")
		if a.Op == plan.Delete || !isFile {
			continue
		}
		if !tree.Exists(s.Tree(), path.Clean(file)) {
			out = append(out, fmt.Sprintf("%s: its code %s is not in the repository; a rollback restores definitions, not code", a.Name, file))
		}
	}
	return out
}
