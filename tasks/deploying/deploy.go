package deploying

import (
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Deployed is what a deploy leads to.
type Deployed struct {
	Draft  draft.Draft
	Server session.Server
	Plan   plan.Plan
	Result plan.Result
}
