package draft

import (
	"bytes"
	"errors"
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/templates"
)

// readAtOnce is how many deployments of a rendered manifest are read in one piece: the nodes of a YAML document take twenty times the
// room of its text, and thousands of deployments would not fit beside what else is known of them.
const readAtOnce = 500

// parts is a manifest that is read back while it is written, part by part.
type parts struct {
	env     config.Env
	flows   plan.Flows
	secrets func(name string) (string, bool)

	text    []byte
	desired []plan.Desired
	wrong   finding.List
	missing finding.List // deployments whose flow is not there
}

// write renders deployments and takes them in, so many at a time, and clears them on its way: they are half of what is in memory. The
// built-in template has nothing in it that goes over several of them.
func (r *parts) write(own fs.FS, all []render.Deployment, size int) error {
	parts := slices.Collect(slices.Chunk(all, max(size, 1)))
	if len(parts) == 0 {
		parts = [][]render.Deployment{nil}
	}
	r.desired = make([]plan.Desired, 0, len(all))
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
func (r *parts) join(part []byte) ([]byte, error) {
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
func (r *parts) read(part []byte) {
	m, findings := manifest.Parse(ManifestName(r.env), part)
	m, more := m.Resolve(r.secrets)
	if r.wrong = slices.Concat(r.wrong, findings, more); r.wrong.HasErrors() {
		return
	}
	var lost finding.List
	r.desired, lost = r.flows.Resolve(r.desired, m, session.OwnerOf(r.env))
	r.missing = append(r.missing, lost...)
}
