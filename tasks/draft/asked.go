package draft

import (
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/templates"
)

// atOnce is how many deployments are nodes at one time: those of thousands take more room than all else that is known of them.
const atOnce = 500

// askedFor is what a manifest asks for.
type askedFor struct {
	env     config.Env
	flows   plan.Flows
	secrets func(name string) (string, bool)

	text    []byte // of a template of the repository's own
	desired []plan.Desired
	wrong   finding.List
	missing finding.List // deployments whose flow is not there
}

// ask takes in what the manifest of deployments asks for. That of a template of the repository's own is written and read. Of the built-in one it is
// known what reading it would give (see [render.Tree]). The deployments are cleared on the way: they are half of what is in memory.
func (a *askedFor) ask(own fs.FS, all []render.Deployment, replaced bool) error {
	a.desired = make([]plan.Desired, 0, len(all))
	if replaced {
		var err error
		a.text, err = a.readText(own, all)
		return err
	}
	for some := range slices.Chunk(all, atOnce) {
		root, err := render.Tree(some)
		if err != nil || !document.Bounded(root) { // which reading it tells in full
			_, err := a.readText(own, some)
			return err
		}
		clear(some)
		a.read(manifest.Of(ManifestName(a.env), root))
	}
	return nil
}

// readText writes the text of deployments and takes in what it asks for.
func (a *askedFor) readText(own fs.FS, some []render.Deployment) ([]byte, error) {
	text, err := render.Prefect(own, templates.FS, a.env, some)
	if err == nil {
		a.read(manifest.Parse(ManifestName(a.env), text))
	}
	return text, err
}

// read takes in what the manifest, or a part of it, says.
func (a *askedFor) read(m manifest.Manifest, findings finding.List) {
	m, more := m.Resolve(a.secrets)
	if a.wrong = slices.Concat(a.wrong, findings, more); a.wrong.HasErrors() {
		return
	}
	var lost finding.List
	a.desired, lost = a.flows.Resolve(a.desired, m, session.OwnerOf(a.env))
	a.missing = append(a.missing, lost...)
}
