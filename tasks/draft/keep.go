package draft

import (
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Keep saves a manifest that was rendered and holds all deployments, and gives the file's name. Otherwise the name is empty, and a file that
// is there stays.
func Keep(s *session.Session, r Rendered) (string, error) {
	name := ManifestName(r.Env)
	if r.Options.File != "" || r.Options.Partial() {
		return "", nil
	}
	if why := r.Incomplete(); why != "" {
		if tree.Exists(s.Tree(), name) {
			s.Console.Say("%s is left as it was: %s", name, why)
		}
		return "", nil
	}
	return name, save(s, r)
}

// Incomplete says why the rendered manifest does not hold all deployments; empty when it does. Container deployments that are skipped for
// want of Docker are not missed: nobody could deploy them here.
func (r Rendered) Incomplete() string {
	switch {
	case r.Options.Partial():
		return "it would hold only the selected " + console.Count(len(r.Desired), "deployment")
	case len(r.Blocked) > 0:
		return "it would lack what is blocked"
	default:
		return ""
	}
}

// save writes the manifest beside the Makefile, whole or not at all.
func save(s *session.Session, r Rendered) error {
	if err := s.Tree().Write(ManifestName(r.Env), r.manifest, 0o644); err != nil {
		return &fault.Error{
			Code: fault.Unexpected, What: "the rendered manifest can't be written", Where: ManifestName(r.Env), Err: tree.Reason(err),
			Next: tree.Next(err, "make the repository's folder writable"),
		}
	}
	return nil
}
