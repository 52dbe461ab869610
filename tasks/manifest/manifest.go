// Package manifest is the model of prefect.yaml: the desired state of one environment, as Prefect's own command line reads it.
//
// Start with [Parse]. It is strict where Prefect is silent: an unknown key, a wrong type or a repeated name is a finding with its
// line, and nothing is dropped. What can't be deployed from here (service levels, steps other than shell scripts) is named as not
// supported instead of being ignored.
// Prefect: cli/deploy/_models.py.
package manifest

import "github.com/flowmage/flowmage/tasks/finding"

// Manifest is a whole prefect.yaml.
type Manifest struct {
	Name        string
	Deployments []Deployment
	// Listed tells that there is a list of deployments, were it an empty one: then nothing is what shall be there.
	Listed bool
}

// WorkPool is where a deployment's runs go.
type WorkPool struct {
	Name         string
	Queue        string // empty: the pool's default queue
	JobVariables map[string]any
}

// Concurrency limits how many runs of a deployment are active at once.
type Concurrency struct {
	Limit     int
	Collision string // ENQUEUE or CANCEL_NEW
	Grace     *int   // seconds
}

// Schedule is one schedule. Exactly one of Cron, Interval and RRule is set.
type Schedule struct {
	Cron       string
	Interval   float64 // seconds
	RRule      string
	Timezone   string
	AnchorDate string
	DayOr      *bool
	Active     *bool // nil: what the server has is kept; new ones are active
	Parameters map[string]any
	Places     map[string]finding.Position // of the parameters, by name
	Slug       string
	Replaces   string // the slug that this schedule had before: it keeps its pause
	// ActiveText and DayOrText are placeholders from which Active and DayOr will be read: see [Settle].
	ActiveText, DayOrText string
	Position              finding.Position
}
