package image

import (
	"cmp"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Project is what all images of a repository share.
type Project struct {
	Files     *tree.Tree // the repository
	Name      string
	Unpinned  finding.Severity // of a FROM without a digest
	Transient Transient
}

// Wanted is an image that a flow needs.
type Wanted struct {
	Name       string // a slug
	Dockerfile string // path in the repository, or what Text was made from
	Text       []byte // a Dockerfile that is not on disk; nil: it is read
	Files      map[string][]byte
	Registry   string
	Repository string // name without a tag; empty: worked out from registry, project and name
	Platform   string
	Args       map[string]string
	Check      *Check
}

// Planned is what became of a wanted image.
type Planned struct {
	Spec     Spec
	Bases    []Spec // of the project, in the order in which they are built
	Findings finding.List
	Marked   []string // the Dockerfiles in which comments may have something ignored
}

// Plan reads the Dockerfile and the files of a wanted image, and of the project's images that it starts from, and works out their tags.
// Nothing is asked of a daemon. What is wrong with the files is among the findings.
//
// A FROM, or the default of the ARG in it, that has neither a registry nor a tag names an image of the project when its last word, the
// whole or what follows a dash, is that of a folder with a Dockerfile: docker/NAME/Dockerfile, or for "base" core/docker/Dockerfile.
func (p Project) Plan(w Wanted) Planned { return p.plan(w, nil) }

func (p Project) plan(w Wanted, above []string) Planned {
	var out Planned
	text := w.Text
	if text == nil {
		var err error
		if text, err = p.Files.Into(w.Dockerfile, nil, tree.Text); err != nil {
			out.wrong("image-dockerfile", w.Dockerfile, 0, "the Dockerfile can't be read", tree.Reason(err).Error(), tree.Next(err, "write it")+", or correct image.dockerfile in envs/")
			return out
		}
	}
	if w.Text == nil && finding.Marked(text) {
		out.Marked = append(out.Marked, w.Dockerfile)
	}
	d := readDockerfile(text)
	if len(d.from) == 0 {
		out.wrong("image-dockerfile", w.Dockerfile, 0, "the Dockerfile has no FROM", "no image can be built from it", "write one")
		return out
	}
	context, err := ReadContext(p.Files, w.Dockerfile, d.sources)
	if err != nil {
		out.add(err)
		return out
	}
	s := Spec{
		Name: w.Name, Project: p.Name, Repository: cmp.Or(w.Repository, repository(w.Registry, p.Name, w.Name)), Dockerfile: w.Dockerfile,
		Context: context.With(w.Files), Platform: w.Platform, Args: declared(w.Args, d.declared), Check: w.Check,
		Transient: Transient{Args: declared(p.Transient.Args, d.declared), Files: p.Transient.Files}, BuildKit: d.buildKit != "",
	}
	own := map[string]bool{}
	s.Text = p.bases(&out, w, d, text, own, append(above, w.Name))
	for _, b := range out.Bases {
		s.Bases = append(s.Bases, b.Reference())
	}
	out.Findings = append(out.Findings, d.unpinned(w.Dockerfile, w.Args, p.Unpinned, func(image string) bool { return own[image] })...)
	out.Findings = append(out.Findings, s.Context.Judge(w.Dockerfile)...)
	if s.Tag, err = Tag(s); err != nil {
		out.add(err)
	}
	out.Spec = s
	return out
}

// bases plans the project's images that a Dockerfile starts from, and gives its text with their references.
func (p Project) bases(out *Planned, w Wanted, d parsedDockerfile, text []byte, own map[string]bool, above []string) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	planned := map[string]Planned{} // by name: several stages may start from the same
	for _, f := range d.external() {
		image := d.expand(f.image, w.Args)
		name, file := p.ours(image)
		if file == "" {
			continue
		}
		own[image] = true
		if slices.Contains(above, name) {
			out.wrong("image-circle", w.Dockerfile, f.line, "the images start from each other: "+strings.Join(append(above, name), " from "), "none can be built first", "let one of them start from another image")
			continue
		}
		base, known := planned[name]
		if !known {
			base = p.plan(Wanted{Name: name, Dockerfile: file, Platform: w.Platform, Args: w.Args}, above)
			planned[name] = base
			out.Findings, out.Marked = append(out.Findings, base.Findings...), append(out.Marked, base.Marked...)
			for _, b := range append(base.Bases, base.Spec) {
				if !slices.ContainsFunc(out.Bases, func(x Spec) bool { return x.Reference() == b.Reference() }) {
					out.Bases = append(out.Bases, b)
				}
			}
		}
		lines[f.line-1] = strings.Replace(lines[f.line-1], f.image, base.Spec.Reference(), 1)
	}
	return []byte(strings.Join(lines, ""))
}

// ours gives the name and the Dockerfile of the project's image that a FROM means, "" when it means another one.
func (p Project) ours(image string) (name, file string) {
	if image == "" || strings.ContainsAny(image, "/:@") {
		return "", ""
	}
	for rest := image; ; {
		candidates := []string{path.Join("docker", rest, "Dockerfile")}
		if rest == "base" {
			candidates = append(candidates, "core/docker/Dockerfile")
		}
		for _, c := range candidates {
			if p.Has(c) {
				return rest, c
			}
		}
		_, after, more := strings.Cut(rest, "-")
		if !more {
			return "", ""
		}
		rest = after
	}
}

func (p *Planned) wrong(code, file string, line int, message, why, fix string) {
	p.Findings = append(p.Findings, catalogue.New(code, finding.OfFile(file), finding.Finding{
		Position: finding.Position{File: file, Line: line}, Message: message, Why: why, Fix: fix,
	}))
}

// add turns an error into a finding.
func (p *Planned) add(err error) {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		f = &fault.Error{What: "the image can't be planned", Err: err}
	}
	p.wrong("image-context", f.Where, 0, f.What, f.Cause(), f.Next)
}

// declared gives the arguments that a Dockerfile has an ARG for: others change nothing in the image, so they must not change its tag.
func declared(args map[string]string, names map[string]bool) map[string]string {
	out := maps.Clone(args)
	maps.DeleteFunc(out, func(name, _ string) bool { return !names[name] })
	return out
}

var unfit = pattern.New(`[^a-z0-9]+`)

// repository makes an image's name from its parts. (Docker: distribution/reference.)
func repository(registry, project, name string) string {
	slug := strings.Trim(unfit.ReplaceAllString(strings.ToLower(project+"-"+name), "-"), "-")
	return strings.TrimPrefix(strings.TrimSuffix(registry, "/")+"/"+cmp.Or(slug, "flow"), "/")
}

// Own gives the path of the Dockerfile beside a flow, "" when there is none.
func (p Project) Own(folder string) string {
	if file := path.Join(folder, "Dockerfile"); tree.Exists(p.Files, file) {
		return file
	}
	return ""
}

// Has tells whether there is a file at that path in the repository.
func (p Project) Has(file string) bool { return tree.HasFile(p.Files, file) }
