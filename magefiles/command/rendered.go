package command

import (
	"bytes"
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/templates"
)

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
		r.add(part)
		r.text = slices.Grow(r.text, len(part)*(len(parts)-1-i))
	}
	return nil
}

// add takes in a part, which has a head of its own. It is read on the lines that it has in the whole.
func (r *rendered) add(part []byte) {
	if len(r.text) > 0 {
		head := bytes.Index(part, aboveList) + len(aboveList)
		above := bytes.Count(r.text, newline) - bytes.Count(part[:head], newline)
		r.text = append(r.text, part[head:]...)
		part = append(bytes.Repeat(newline, above), part...)
	} else {
		r.text = slices.Clone(part)
	}
	if r.wrong.HasErrors() {
		return
	}
	m, findings := manifest.Parse(manifestName(r.env), part)
	m, more := m.Resolve(r.secrets)
	if r.wrong = slices.Concat(r.wrong, findings, more); r.wrong.HasErrors() {
		return
	}
	var lost finding.List
	r.desired, lost = r.flows.Resolve(r.desired, m, ownerOf(r.env))
	r.missing = append(r.missing, lost...)
}

var (
	newline   = []byte("\n")               //nolint:gochecknoglobals // a constant
	aboveList = []byte("\ndeployments:\n") //nolint:gochecknoglobals // a constant: what stands in front of the deployments
)
