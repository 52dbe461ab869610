package command

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
)

// Preview brings up or cleans away deployments of a branch of their own, beside those of the environment: with the branch in their names,
// schedules paused, known by a tag of their own.
func Preview(ctx context.Context, s *session.Session, action string, o deploying.PreviewOptions) error {
	switch {
	case action == "up":
		flags, err := deploying.ForBranch(ctx, s, o.Branch)
		if err != nil {
			return err
		}
		return Deploy(ctx, s, deploying.Options{Options: draft.Options{Env: o.Env, Only: o.Only, Flags: flags}, Yes: o.Yes, JSON: o.JSON, Command: "env:preview up"})
	case action == "clean" && o.Gone:
		return cleanGone(ctx, s, o)
	case action == "clean":
		flags, err := deploying.ForBranch(ctx, s, o.Branch)
		if err != nil {
			return err
		}
		return Clean(ctx, s, deploying.CleanOptions{Env: o.Env, Yes: o.Yes, JSON: o.JSON, Preview: true, Flags: flags})
	case action == "list":
		return listPreviews(ctx, s, o)
	default:
		return &fault.Error{Code: fault.Usage, What: fmt.Sprintf("a preview can't be %q; nothing was run", action), Next: "mage env:preview up, or clean, or list"}
	}
}

func listPreviews(ctx context.Context, s *session.Session, o deploying.PreviewOptions) error {
	found, err := deploying.Previews(ctx, s, o)
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
func cleanGone(ctx context.Context, s *session.Session, o deploying.PreviewOptions) error {
	branches, err := s.Git.Branches(ctx)
	if err != nil {
		return &fault.Error{Code: fault.Usage, What: "the branches can't be listed", Err: err, Next: "run it in a clone of the repository"}
	}
	for i, b := range branches {
		branches[i] = deploying.BranchSlug(b)
	}
	found, err := deploying.Previews(ctx, s, o)
	if err != nil {
		return err
	}
	for _, slug := range slices.Sorted(maps.Keys(found)) {
		if slices.Contains(branches, slug) {
			continue
		}
		flags := map[string]string{"suffix": deploying.PreviewSuffix(slug)}
		if err := Clean(ctx, s, deploying.CleanOptions{Env: o.Env, Yes: o.Yes, JSON: o.JSON, Preview: true, Flags: flags}); err != nil {
			return err
		}
	}
	return nil
}
