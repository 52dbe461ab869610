package draft

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/templates"
)

// Render writes the manifest and reads it back: what the text says is what counts.
func Render(s *session.Session, d *Draft) error {
	own := s.Tree()
	all := render.Deployments(d.Env, d.Ready, render.Options{
		Owner: d.Owner().Tag(), Declares: check.Declares, Commits: d.clone.Commits, Remote: d.clone.Remote,
		Images: d.References(), Rendered: d.rendered, User: ContainerUser(s, d.Env),
	})
	// Only a template of the repository's own can give deployments triggers, or have given them some. Nor is it known which parts it has.
	replaced, err := render.Replaced(own, templates.FS, render.Manifest)
	if err != nil {
		return err
	}
	size := readAtOnce
	if replaced {
		size = len(all)
	}
	r := rendered{env: d.Env, flows: deploy.FlowsOf(d.Ready), secrets: d.secrets}
	if err := r.write(own, all, size); err != nil {
		return err
	}
	d.manifest = r.text
	findings, others := d.placed(r.wrong)
	others = append(others, session.WithheldCredentials(s, d.Findings)...)
	findings = append(findings, fromTemplate(others)...)
	if findings.HasErrors() {
		d.broken = true
		d.Findings = append(d.Findings, findings...)
		for _, f := range d.Ready {
			d.Blocked = append(d.Blocked, Blocked{d.Env.Settings(f.Names()...).DeploymentName(f.Slug(), "python"), f.Name, f.Entrypoint, findings})
		}
		return nil
	}
	if replaced {
		ownTriggers(r.desired)
	}
	missing := fromTemplate(r.missing)
	d.Desired, d.Findings = r.desired, slices.Concat(d.Findings, findings, missing)
	for _, x := range missing {
		d.Blocked = append(d.Blocked, Blocked{x.Subject, "", "", finding.List{x}})
	}
	return nil
}

// fromTemplate points findings about the rendered text, which is nowhere to be seen, at the template that it comes from. What settings can
// get wrong has been found before.
func fromTemplate(list finding.List) finding.List {
	for i, f := range list {
		if f.Position.Line > 0 {
			list[i].Message = fmt.Sprintf("line %d of what it renders: %s", f.Position.Line, f.Message)
		}
		list[i].Position = finding.Position{File: render.Folder + "/" + render.Manifest, Key: f.Position.Key}
	}
	return list
}

// ownTriggers says that the deployments have no automations but those of their triggers.
func ownTriggers(desired []deploy.Desired) {
	for i := range desired {
		desired[i].OwnsTriggers = true
	}
}

// readAtOnce is how many deployments of a rendered manifest are read in one piece: the nodes of a YAML document take twenty times the
// room of its text, and thousands of deployments would not fit beside what else is known of them.
const readAtOnce = 500

// rendered is a manifest that is read back while it is written, part by part.
type rendered struct {
	env     config.Env
	flows   deploy.Flows
	secrets func(name string) (string, bool)

	text    []byte
	desired []deploy.Desired
	wrong   finding.List
	missing finding.List // deployments whose flow is not there
}

// write renders deployments and takes them in, so many at a time, and clears them on its way: they are half of what is in memory. The
// built-in template has nothing in it that goes over several of them.
func (r *rendered) write(own fs.FS, all []render.Deployment, size int) error {
	parts := slices.Collect(slices.Chunk(all, max(size, 1)))
	if len(parts) == 0 {
		parts = [][]render.Deployment{nil}
	}
	r.desired = make([]deploy.Desired, 0, len(all))
	for i, some := range parts {
		part, err := render.Prefect(own, templates.FS, r.env, some)
		if err != nil {
			return err
		}
		clear(some)
		if i == 0 {
			r.text = slices.Grow(part, len(part)*(len(parts)-1))
		} else if part, err = r.join(part); err != nil {
			return err
		}
		r.read(part)
	}
	return nil
}

// aboveList stands in front of the deployments.
const aboveList = "\ndeployments:\n"

var errNoList = errors.New("the built-in template has no list of deployments")

// join puts the deployments of a part, which has a head of its own, behind the others. It gives the part with so many empty lines in front
// that its deployments stand on the lines that they have in the whole.
func (r *rendered) join(part []byte) ([]byte, error) {
	head, list, found := bytes.Cut(part, []byte(aboveList))
	if !found {
		return nil, errNoList
	}
	newline := []byte("\n")
	above := bytes.Count(r.text, newline) - bytes.Count(head, newline) - bytes.Count([]byte(aboveList), newline)
	r.text = append(r.text, list...)
	return append(bytes.Repeat(newline, above), part...), nil
}

// read takes in what a part says.
func (r *rendered) read(part []byte) {
	m, findings := manifest.Parse(ManifestName(r.env), part)
	m, more := m.Resolve(r.secrets)
	if r.wrong = slices.Concat(r.wrong, findings, more); r.wrong.HasErrors() {
		return
	}
	var lost finding.List
	r.desired, lost = r.flows.Resolve(r.desired, m, session.OwnerOf(r.env))
	r.missing = append(r.missing, lost...)
}
