package deploying

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// PreviewOptions are the choices of env:preview.
type PreviewOptions struct {
	Env    string
	Branch string // empty: the one that is checked out
	Only   []string
	Gone   bool // clean: all previews whose branch is gone
	Yes    bool // don't ask
	JSON   bool
}

// ForBranch gives the settings that make a deploy a branch's preview.
func ForBranch(ctx context.Context, s *session.Session, branch string) (map[string]string, error) {
	if facts := s.Commit(ctx); branch == "" {
		branch = cmp.Or(facts.Branch, facts.Pull)
	}
	if branch == "" {
		return nil, &fault.Error{
			Code: fault.Usage, What: "there is no branch to name the preview after", Why: "HEAD is detached, or this is no git repository",
			Next: "name one: mage env:preview up -branch=NAME",
		}
	}
	return map[string]string{"suffix": PreviewSuffix(BranchSlug(branch)), "pause_schedules": "true"}, nil
}

// PreviewSuffix is how the names of a preview's deployments end; slug is its [BranchSlug].
func PreviewSuffix(slug string) string { return "-" + session.PreviewMark + slug }

// BranchSlug makes a branch's name part of names. What is left out of a long one, or of one with other characters, counts in a hash.
func BranchSlug(branch string) string {
	const longest = 40
	slug := flow.Flow{Name: branch}.Slug()
	if slug == branch && len(slug) <= longest {
		return slug
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(branch)) // a hash takes everything
	return fmt.Sprintf("%s-%04x", strings.TrimRight(slug[:min(len(slug), longest)], "-"), h.Sum32()&0xffff)
}

// Previews gives the numbers of deployments of the environment's previews, by [BranchSlug].
func Previews(ctx context.Context, s *session.Session, o PreviewOptions) (map[string]int, error) {
	env, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return nil, err
	}
	list, err := to.API.Deployments(ctx, prefect.DeploymentFilter{})
	if err != nil {
		return nil, err
	}
	start := ownership.Owner{Project: env.Project, Env: owner.Env + "-" + session.PreviewMark}.Tag()
	out := map[string]int{}
	for _, d := range list {
		for _, tag := range d.Tags {
			if slug, ok := strings.CutPrefix(tag, start); ok {
				out[slug]++
			}
		}
	}
	return out, nil
}
