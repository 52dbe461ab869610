package draft

import (
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

func ManifestName(env config.Env) string { return "prefect." + env.Scope() + ".yaml" }

// Keep saves a manifest that was rendered and holds all deployments, and gives the file's name. Otherwise the name is empty, and a file that
// is there stays.
func Keep(s *session.Session, d Draft, o Options) (string, error) {
	name := ManifestName(d.Env)
	if d.byHand || o.partial() {
		return "", nil
	}
	if why := d.Incomplete(o); why != "" {
		if tree.Exists(s.Tree(), name) {
			s.Console.Say("%s is left as it was: %s", name, why)
		}
		return "", nil
	}
	return name, save(s, d)
}

// Incomplete says why the rendered manifest does not hold all deployments; empty when it does. Container deployments that are skipped for
// want of Docker are not missed: nobody could deploy them here.
func (d *Draft) Incomplete(o Options) string {
	switch {
	case o.partial():
		return "it would hold only the selected " + console.Count(len(d.Desired), "deployment")
	case len(d.Blocked) > 0:
		return "it would lack what is blocked"
	default:
		return ""
	}
}

// save writes the manifest beside the Makefile, whole or not at all.
func save(s *session.Session, d Draft) error {
	if err := s.Tree().Write(ManifestName(d.Env), d.manifest, 0o644); err != nil {
		return &fault.Error{
			Code: fault.Unexpected, What: "the rendered manifest can't be written", Where: ManifestName(d.Env), Err: tree.Reason(err),
			Next: tree.Next(err, "make the repository's folder writable"),
		}
	}
	return nil
}
