// Package verdict decides what becomes of findings: how bad each is, as the settings say for its rule and file, and which are ignored where they
// stand, by a comment such as
//
//	# flowmage: ignore parameter-untyped the type is the library's
//
// Start with [Law], which holds what settings and comments say, and [Law.Apply], which is a pure function of that and a list of findings. All
// who show findings, or are held up by them, get them from there, so that editor, check and deploy say the same. comment.go finds comments in
// the files of a repository, ignore.go reads them, and own.go has what is wrong with the comments themselves.
//
// An error of a firm rule (finding.Rule) stays an error whatever is said: what it tells of would not work.
package verdict

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// Law is what settings and comments say of findings.
type Law struct {
	Env      string // the environment whose settings they are
	Rulings  config.Rulings
	Rules    finding.Catalogue // all that there are; an error of another one stays as it is
	Ignores  []Ignore
	Manifest string // the manifest that is deployed, if somebody wrote one
}

// With gives the law with more comments.
func (l Law) With(ignores ...Ignore) Law {
	l.Ignores = slices.Concat(l.Ignores, ignores)
	return l
}

// Apply gives what is left of findings, each as bad as the law has it. The list stays as it is.
func (l Law) Apply(list finding.List) finding.List {
	if len(l.Rulings) == 0 && len(l.Ignores) == 0 {
		return list
	}
	var out finding.List
	for _, f := range list {
		if f, told := l.ruled(f); told && (l.firm(f) || !l.ignored(f)) {
			out = append(out, f)
		}
	}
	return out
}

// ruled gives a finding the severity that the settings say; told is false where they switch it off.
func (l Law) ruled(f finding.Finding) (_ finding.Finding, told bool) {
	word, said := l.Rulings.Of(f.Code, f.Position.File)
	if !said || l.firm(f) {
		return f, true
	}
	severity, known := finding.SeverityOf(word)
	if !known { // it is off
		return f, word != setting.Off
	}
	f.Severity = severity
	return f, true
}

// firm tells whether a finding stays as it is.
func (l Law) firm(f finding.Finding) bool {
	rule, known := l.Rules[f.Code]
	return f.Severity == finding.Error && (!known || rule.Firm)
}

// ignored tells whether a comment has a finding ignored.
func (l Law) ignored(f finding.Finding) bool {
	return slices.ContainsFunc(l.Ignores, func(i Ignore) bool { return i.counts() && i.means(f) })
}
