package command

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
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

// previewMark stands between the environment's name and the branch's in the names of previews.
const previewMark = "preview-"

// Preview brings up or cleans away deployments of a branch of their own, beside those of the environment: with the branch in their names,
// schedules paused, known by a tag of their own.
func Preview(ctx context.Context, s *Session, action string, o PreviewOptions) error {
	switch {
	case action == "up":
		if err := s.preview(ctx, o.Branch); err != nil {
			return err
		}
		return Deploy(ctx, s, DeployOptions{Env: o.Env, Only: o.Only, Yes: o.Yes, JSON: o.JSON, Command: "env:preview up"})
	case action == "clean" && o.Gone:
		return s.cleanGone(ctx, o)
	case action == "clean":
		if err := s.preview(ctx, o.Branch); err != nil {
			return err
		}
		return Clean(ctx, s, CleanOptions{Env: o.Env, Yes: o.Yes, JSON: o.JSON, Preview: true})
	case action == "list":
		return s.listPreviews(ctx, o)
	default:
		return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("a preview can't be %q; nothing was run", action), Next: "mage env:preview up, or clean, or list"}
	}
}

// preview makes this session one about a branch's preview.
func (s *Session) preview(ctx context.Context, branch string) error {
	if branch = cmp.Or(branch, s.commit(ctx).Branch); branch == "" {
		return &fault.Error{
			Code: fault.Usage, What: "there is no branch to name the preview after", Why: "HEAD is detached, or this is no git repository",
			Next: "name one: mage env:preview up -branch=NAME",
		}
	}
	s.flags = map[string]string{"suffix": "-" + previewMark + branchSlug(branch), "pause_schedules": "true"}
	return nil
}

// branchSlug makes a branch's name part of names. What is left out of a long one, or of one with other characters, counts in a hash.
func branchSlug(branch string) string {
	const longest = 40
	slug := flow.Flow{Name: branch}.Slug()
	if slug == branch && len(slug) <= longest {
		return slug
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(branch)) // a hash takes everything
	return fmt.Sprintf("%s-%04x", strings.TrimRight(slug[:min(len(slug), longest)], "-"), h.Sum32()&0xffff)
}

// previews gives the numbers of deployments of the environment's previews, by branchSlug.
func (s *Session) previews(ctx context.Context, o PreviewOptions) (map[string]int, error) {
	env, to, owner, err := s.open(ctx, o.Env)
	if err != nil {
		return nil, err
	}
	list, err := to.api.Deployments(ctx, prefect.DeploymentFilter{})
	if err != nil {
		return nil, err
	}
	start := ownership.Owner{Project: env.Project, Env: owner.Env + "-" + previewMark}.Tag()
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

func (s *Session) listPreviews(ctx context.Context, o PreviewOptions) error {
	found, err := s.previews(ctx, o)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"previews": found})
	}
	for _, slug := range slices.Sorted(maps.Keys(found)) {
		s.Console.Printf("%-40s %d\n", slug, found[slug])
	}
	if len(found) == 0 {
		s.Console.Say("there are no previews")
	}
	return nil
}

// cleanGone cleans away the previews of branches that neither this clone nor its remote, as far as it is known here, has any more.
func (s *Session) cleanGone(ctx context.Context, o PreviewOptions) error {
	branches, err := s.Git.Branches(ctx)
	if err != nil {
		return &fault.Error{Code: fault.Usage, What: "the branches can't be listed", Err: err, Next: "run it in a clone of the repository"}
	}
	for i, b := range branches {
		branches[i] = branchSlug(b)
	}
	found, err := s.previews(ctx, o)
	if err != nil {
		return err
	}
	for _, slug := range slices.Sorted(maps.Keys(found)) {
		if slices.Contains(branches, slug) {
			continue
		}
		s.flags = map[string]string{"suffix": "-" + previewMark + slug}
		if err := Clean(ctx, s, CleanOptions{Env: o.Env, Yes: o.Yes, JSON: o.JSON, Preview: true}); err != nil {
			return err
		}
	}
	return nil
}
