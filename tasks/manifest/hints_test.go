package manifest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Each hint about a misplaced key is told: none is left behind for a key that has become known.
func TestHintsAreTold(t *testing.T) {
	t.Parallel()
	at := map[string]string{
		"a deployment": "deployments: [{name: a, entrypoint: a.py:f, %s: 1}]\n",
		"a schedule":   "deployments: [{name: a, entrypoint: a.py:f, schedules: [{cron: 0 6 * * *, %s: 1}]}]\n",
		"work_pool":    "deployments: [{name: a, entrypoint: a.py:f, work_pool: {name: p, %s: 1}}]\n",
	}
	for where, keys := range hints() {
		for key, hint := range keys {
			_, findings := Parse("prefect.yaml", fmt.Appendf(nil, at[where], key))
			if !slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Code == "key-misplaced" && f.Fix == hint }) {
				t.Errorf("%s of %s: %v", key, where, findings)
			}
		}
	}
}
