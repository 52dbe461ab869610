// Package rulebook gathers the rules of all packages: the one registry of what can be found, with an example of each.
//
// Start with [All], which everybody has who needs to know which codes there are: the settings, the comments that have something ignored, what is
// printed for programs, docs/rules.md. [Sections] has them in the order of that page. Each rule stands in the catalogue.go of the package that finds
// it, and example.go has its bad and its good example, which are its test too. mage verify:rules shows both: listed.go.
package rulebook

import (
	"maps"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/doctor"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/imports"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verdict"
)

// Section is a package with rules, and the heading over them.
type Section struct {
	Package, Title string
	Rules          finding.Catalogue
}

// Sections gives the packages that find something. A rule that several share stands in each of them.
func Sections() []Section {
	return []Section{
		{"tasks/flow", "Python files and flows", flow.Rules()},
		{"tasks/document", "Settings and manifests", document.Rules()},
		{"tasks/config", "Settings", config.Rules()},
		{"tasks/manifest", "Manifests", manifest.Rules()},
		{"tasks/check", "Flows and settings together", check.Rules()},
		{"tasks/imports", "Imports and requirements", imports.Rules()},
		{"tasks/verdict", "What is ignored", verdict.Rules()},
		{"tasks/policy", "Your own rules", policy.Catalogue()},
		{"tasks/pool", "Templates of work pools", pool.Rules()},
		{"tasks/image", "Images", image.Rules()},
		{"tasks/session", "Secrets and strangers", session.Rules()},
		{"tasks/draft", "What a deploy makes of flows and settings", draft.Rules()},
		{"tasks/plan", "What the server says of a deploy", plan.Rules()},
		{"tasks/live", "What deployments refer to", live.Rules()},
		{"tasks/doctor", "mage env:doctor", doctor.Rules()},
	}
}

// All gives every rule that is built in, by its code. Those of a repository's own are session's to know.
func All() finding.Catalogue {
	out := finding.Catalogue{}
	for _, s := range Sections() {
		maps.Copy(out, s.Rules)
	}
	return out
}
