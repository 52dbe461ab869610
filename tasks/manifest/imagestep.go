package manifest

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
)

// ImageStep builds or pushes an image: build_docker_image or push_docker_image of prefect_docker.deployments.steps, without Python.
type ImageStep struct {
	Push       bool
	Name       string   // of the image, with its registry, without a tag
	Tag        string   // empty: what the image is made from decides
	Tags       []string // more of them
	Dockerfile string   // path from Path; AutoDockerfile: none, one is made
	Path       string   // of the context, from the repository's root; empty: the root
	Args       map[string]string
	Platform   string
}

// AutoDockerfile asks for a Dockerfile that copies the whole context.
const AutoDockerfile = "auto"

// The steps about images, and what they give out.
const (
	buildImage  = "build_docker_image"
	pushImage   = "push_docker_image"
	imageWhere  = "the step "
	imageOutput = "image" // name and tag
	imageTags   = "additional_tags"
)

// gives lists the outputs of a step.
func (s Step) gives() []string {
	switch {
	case s.Image == nil:
		return []string{stdout, stderr}
	case s.Image.Push:
		return []string{imageOutput, "image_name", "tag", imageTags}
	default:
		return []string{imageOutput, "image_name", "tag", imageTags, "image_id"}
	}
}

// Made gives the outputs of a step that has built or pushed an image; its id is empty for one that was only pushed.
func (i ImageStep) Made(id string) map[string]string {
	out := map[string]string{imageOutput: i.Name + ":" + i.Tag, "image_name": i.Name, "tag": i.Tag, imageTags: strings.Join(i.Tags, ",")}
	if !i.Push {
		out["image_id"] = id
	}
	return out
}

// each gives the step with a function applied to its texts.
func (i ImageStep) each(fill func(text, key string) string) *ImageStep {
	i.Name, i.Tag, i.Dockerfile = fill(i.Name, "image_name"), fill(i.Tag, "tag"), fill(i.Dockerfile, "dockerfile")
	i.Path, i.Platform = fill(i.Path, "path"), fill(i.Platform, "platform")
	tags := make([]string, 0, len(i.Tags))
	for _, tag := range i.Tags { // one may stand for all those that another step gives out; a comma is in no tag
		tags = append(tags, strings.FieldsFunc(fill(tag, imageTags), func(r rune) bool { return r == ',' })...)
	}
	i.Tags, i.Args = tags, maps.Clone(i.Args)
	for _, name := range slices.Sorted(maps.Keys(i.Args)) {
		i.Args[name] = fill(i.Args[name], "buildargs."+name)
	}
	return &i
}

func (r *reader) imageStep(s step, function string) Step {
	i := ImageStep{Push: function == pushImage, Dockerfile: "Dockerfile"}
	out := Step{Stream: true, Position: r.At(s.key, ""), Image: &i}
	ignored := func(*yaml.Node) {}
	word := func(to *string, key string) func(*yaml.Node) {
		return func(v *yaml.Node) { *to = deref(r.optionalText(v, key)) }
	}
	given := false // as something else than a text, which has been told
	inputs := map[string]func(*yaml.Node){
		"id":         func(v *yaml.Node) { out.ID = r.text(v, "id") },
		"image_name": func(v *yaml.Node) { i.Name, given = r.text(v, "image_name"), v.Tag != textTag },
		"tag":        word(&i.Tag, "tag"), imageTags: func(v *yaml.Node) { i.Tags = r.texts(v, imageTags) },
		// Here they change nothing: there is no Python to install into, an image that is there is not made again, and which builder a
		// Dockerfile needs is known from it.
		"requires": ignored, "ignore_cache": ignored, "build_backend": ignored,
	}
	if i.Push {
		inputs["credentials"] = optional(func(v *yaml.Node) {
			r.warn(v, "credentials", "step-credentials", "docker login, and remove it", "credentials are not fetched for steps that run here; those of `docker login` count")
		})
	} else {
		inputs["dockerfile"] = func(v *yaml.Node) { i.Dockerfile = r.text(v, "dockerfile") }
		inputs["path"], inputs["platform"] = word(&i.Path, "path"), word(&i.Platform, "platform")
		inputs["buildargs"] = func(v *yaml.Node) { i.Args = r.environment(v) }
		for _, name := range []string{"pull", "rm", "forcerm", "quiet", "persist_dockerfile", "dockerfile_output_path"} {
			inputs[name] = ignored
		}
	}
	r.known(s.inputs, imageWhere+function, inputs)
	if strings.TrimSpace(i.Name) == "" && !given {
		r.Fail(s.key, "image_name", "step-image", "add `image_name: …`", "the step %s names no image", function)
	}
	return out
}

// warn is fail for what is no error.
func (r *reader) warn(n *yaml.Node, key, code, fix, format string, args ...any) {
	r.Fail(n, key, code, fix, format, args...)
	r.Findings[len(r.Findings)-1].Severity = finding.Warning
}
