package session

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/tree"
)

// decreed are the policies that count, and what is wrong with them.
type decreed struct {
	list     []policy.Policy
	findings finding.List
}

// Policies gives the repository's own rules, and what is wrong with them. In the pull request of a stranger they are those of the base; where that is
// not known, what stands here is better than none.
func (s *Session) Policies(ctx context.Context) ([]policy.Policy, finding.List) {
	d := s.decreed.get(func() (d decreed) {
		b := mergeBase(ctx, s)
		if b == nil || b.Files == nil {
			d.list, d.findings = policy.Read(s.Tree(), s.Rules)
			return d
		}
		d.list, _ = policy.Read(b.Files, s.Rules) // what is wrong there can't be mended here
		d.findings = policy.Changed(differing(s.Tree(), b.Files), b.Name)
		return d
	})
	return d.list, d.findings
}

// differing gives the files of policies that two trees have not alike.
func differing(one, two fs.FS) []string {
	files := map[string]bool{}
	for _, file := range slices.Concat(policy.Files(one), policy.Files(two)) {
		here, err := tree.Read(one, file, tree.Text)
		there, other := tree.Read(two, file, tree.Text)
		if (err == nil) != (other == nil) || !bytes.Equal(here, there) {
			files[file] = true
		}
	}
	return slices.Sorted(maps.Keys(files))
}

// AllRules gives the built-in rules and the repository's own.
func (s *Session) AllRules(ctx context.Context) finding.Catalogue {
	if s.Rules == nil {
		return nil
	}
	list, _ := s.Policies(ctx)
	if len(list) == 0 {
		return s.Rules()
	}
	return s.Rules().With(policy.Rules(list))
}

// allRules is [Session.AllRules] for those who ask seldom; nil where no rules are known.
func (s *Session) allRules(ctx context.Context) func() finding.Catalogue {
	if s.Rules == nil {
		return nil
	}
	return func() finding.Catalogue { return s.AllRules(ctx) }
}
