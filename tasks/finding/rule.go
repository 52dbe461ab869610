package finding

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Rule is what is said once of all findings with one code.
type Rule struct {
	Severity Severity
	Firm     bool   // an error of this rule stays one: what is wrong would not work, and no setting makes it work
	Needs    Needs  // what is looked at to find it
	Unless   string // when a finding has another severity, for docs/rules.md
	Means    string // what is wrong, for docs/rules.md
	Why      string // what would happen; empty where nothing needs saying, or each finding says its own
	Formerly string // the code that it had before, for docs/rules.md
}

// Needs is a set of what rules look at.
type Needs uint8

// What rules look at.
const (
	Source   Needs = 1 << iota // the repository's Python files, and what git says of them
	Settings                   // envs/ and flow.yaml
	Manifest                   // a prefect.yaml that somebody wrote, or what a template renders
	Image                      // Dockerfiles, what they copy, and Docker
	Server                     // the Prefect server
	Machine                    // the machine on which the command runs
)

// Within tells whether nothing else is looked at than what is in another set.
func (n Needs) Within(other Needs) bool { return n&^other == 0 }

// Words names what is looked at.
func (n Needs) Words() []string {
	var out []string
	for i, word := range []string{"source", "settings", "manifest", "image", "server", "machine"} {
		if n&(1<<i) != 0 {
			out = append(out, word)
		}
	}
	return out
}

// String gives the words with commas between them.
func (n Needs) String() string { return strings.Join(n.Words(), ", ") }

// Catalogue holds the rules of a package by code. A code says first what is wrong, then how, as path-missing does. All catalogues together are
// docs/rules.md.
type Catalogue map[string]Rule

// Needing gives the catalogue with what those of its rules look at that don't say so themselves.
func (r Catalogue) Needing(n Needs) Catalogue {
	for code, rule := range r {
		if rule.Needs == 0 {
			rule.Needs = n
			r[code] = rule
		}
	}
	return r
}

// With gives a catalogue with further rules in it.
func (r Catalogue) With(more Catalogue) Catalogue {
	out := maps.Clone(r)
	maps.Copy(out, more)
	return out
}

// Near gives the code that somebody may have meant who wrote another one, for one after the other: see [Nearby]. A code's former name means it.
func (r Catalogue) Near() func(code string) string {
	nearby, former := Nearby(slices.Sorted(maps.Keys(r))), map[string]string{}
	for name, rule := range r {
		former[rule.Formerly] = name
	}
	delete(former, "")
	return func(code string) string { return cmp.Or(former[code], nearby(code)) }
}

// Unreadable is the rule of file-unreadable, which several readers have.
func Unreadable() Rule {
	return Rule{Severity: Error, Firm: true, Needs: Source | Settings, Unless: "a warning for a file that no flow needs", Means: "a file can't be read"}
}

// PathMissing is the rule of path-missing, which settings and the scan have.
func PathMissing() Rule {
	return Rule{Severity: Error, Firm: true, Needs: Source | Settings, Means: "a folder or file in `paths` is not there", Formerly: "missing-folder"}
}

// RuleFirm is the rule of rule-firm, which settings and comments have.
func RuleFirm() Rule {
	return Rule{
		Severity: Error, Firm: true, Needs: Source | Settings, Unless: "a warning where a comment tries it",
		Means: "an error is to be ignored or lowered that stays one", Why: "what the rule finds would not work, and nobody would be told",
	}
}

// IgnoreChanged is the rule of ignore-changed, which ignore files and the comments in other files have.
func IgnoreChanged() Rule {
	return Rule{
		Severity: Warning, Needs: Source, Means: "a pull request ignores something else than the branch that it is to be merged into",
		Why: "a pull request does not choose what is left out of sight",
	}
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

// OfManifest is the scope of what is wrong with a manifest so that none of its deployments can be read.
func OfManifest() Scope { return Scope{Extent: All, Name: "manifest"} }

// OfEntry is the scope of what is wrong with the deployment that stands at a place of a manifest: another one may have its name.
func OfEntry(at Position, name string) Scope {
	if at.Line == 0 {
		return OfDeployment(name)
	}
	at.Key = ""
	return Scope{Deployment, at.String()}
}

// OfDeployment is the scope of what is wrong with one deployment of a manifest. Without a name nobody can tell which: then it is all of them.
func OfDeployment(name string) Scope {
	if name == "" {
		return Everything()
	}
	return Scope{Deployment, name}
}
