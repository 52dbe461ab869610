package finding

import (
	"cmp"
	"maps"
	"slices"
)

// Rule is what is said once of all findings with one code.
type Rule struct {
	Severity Severity
	Unless   string // when a finding has another severity, for docs/rules.md
	Means    string // what is wrong, for docs/rules.md
	Why      string // what would happen; empty where nothing needs saying, or each finding says its own
	Formerly string // the code that it had before, for docs/rules.md
}

// Catalogue holds the rules of a package by code. A code says first what is wrong, then how, as path-missing does. All catalogues together are
// docs/rules.md.
type Catalogue map[string]Rule

// With gives a catalogue with further rules in it.
func (r Catalogue) With(more Catalogue) Catalogue {
	out := maps.Clone(r)
	maps.Copy(out, more)
	return out
}

// Unreadable is the rule of file-unreadable, which several readers have.
func Unreadable() Rule {
	return Rule{Severity: Error, Unless: "a warning for a file that no flow needs", Means: "a file can't be read"}
}

// PathMissing is the rule of path-missing, which settings and the scan have.
func PathMissing() Rule {
	return Rule{Severity: Error, Means: "a folder or file in `paths` is not there", Formerly: "missing-folder"}
}

// New makes a finding of a rule: it gets the rule's severity, and its reason if it has none of its own. A code without a rule is an error, so
// that it is seen.
func (r Catalogue) New(code string, scope Scope, f Finding) Finding {
	rule, known := r[code]
	if !known {
		rule.Severity = Error
	}
	f.Code, f.Severity, f.Scope, f.Why = code, rule.Severity, scope, cmp.Or(f.Why, rule.Why)
	return f
}

// As gives the finding with another severity than its rule's: [Rule.Unless] tells when.
func (f Finding) As(s Severity) Finding {
	f.Severity = s
	return f
}

// Tells says whether the list has the finding already, wherever that stands.
func (l List) Tells(f Finding) bool {
	return slices.ContainsFunc(l, f.Same)
}

// Same tells whether two findings say the same, of whatever place and deployment.
func (f Finding) Same(other Finding) bool {
	return f.Code == other.Code && f.Message == other.Message && f.Fix == other.Fix
}

// Extent says how far a finding reaches.
type Extent int

// The extents. A finding has one of them from where it is made: [Catalogue.New] wants it.
const (
	All         Extent = iota + 1 // whatever is deployed, by settings or by a manifest that somebody wrote
	Environment                   // what the settings of an environment deploy, or its server and this machine
	Flow                          // one flow
	File                          // the flows that are made of a file, or set up by it
	Deployment                    // one deployment
)

// Scope says what a finding is about, and so what an error stands in the way of. Name is a flow's entrypoint, or the words by which settings
// know it; or a file; or a deployment. The others need none.
type Scope struct {
	Extent Extent
	Name   string
}

// Wide tells whether it is about more than single flows and deployments.
func (s Scope) Wide() bool { return s.Extent != Flow && s.Extent != File && s.Extent != Deployment }

// Everything is the scope of what stands in everybody's way.
func Everything() Scope { return Scope{Extent: All} }

// Surroundings is the scope of what is wrong with an environment, its server or this machine.
func Surroundings() Scope { return Scope{Extent: Environment} }

// OfFlow is the scope of what is wrong with one flow.
func OfFlow(name string) Scope { return Scope{Flow, name} }

// OfFile is the scope of what is wrong with a file.
func OfFile(name string) Scope { return Scope{File, name} }

// OfDeployment is the scope of what is wrong with one deployment of a manifest. Without a name nobody can tell which: then it is all of them.
func OfDeployment(name string) Scope {
	if name == "" {
		return Everything()
	}
	return Scope{Deployment, name}
}
