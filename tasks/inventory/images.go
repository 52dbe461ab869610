package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/session"
)

// Image is an image of the project on this machine, and what needs it.
type Image struct {
	image.Image
	Flows      []string `json:"flows"`      // that the environment deploys from it as they are now
	Containers []string `json:"containers"` // that are made from it, running or not
}

// Images gives the project's images on this machine, with what needs them.
func Images(ctx context.Context, docker *image.Docker, d draft.Rendered) ([]Image, error) {
	list, err := docker.List(ctx, d.Env.Project)
	if err != nil {
		return nil, err
	}
	out := make([]Image, 0, len(list))
	for _, i := range list {
		k := Image{Image: i, Flows: []string{}}
		for _, f := range d.Flows {
			p, ok := d.Images[f.Entrypoint]
			if !ok {
				continue
			}
			for _, spec := range append(slices.Clone(p.Bases), p.Spec) {
				if slices.Contains(i.References, spec.Reference()) {
					k.Flows = append(k.Flows, f.Name)
				}
			}
		}
		if k.Containers, err = docker.Users(ctx, i.ID); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// ShowImages prints images as a table.
func ShowImages(s *session.Session, list []Image, project string) error {
	if len(list) == 0 {
		s.Console.Say("no image of %s is on this machine; mage deploy:build makes them", project)
	}
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	for _, i := range list {
		name := cmp.Or(strings.Join(i.References, " "), i.ID[:min(19, len(i.ID))])
		uses := slices.Concat(i.Flows, i.Containers)
		if len(i.References)+len(uses) == 0 { // a stage that no image keeps, or what a failed build got to
			uses = []string{"kept for the next build of " + i.Labels[image.LabelName]}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, image.Size(i.Bytes), image.Age(i.Created), cmp.Or(strings.Join(uses, ", "), "unused"))
	}
	return w.Flush()
}
