package build

import (
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Manifest saves a manifest that was rendered and holds all deployments, and gives the file's name. Otherwise the name is empty, and a file that
// is there stays.
func Manifest(s *session.Session, r draft.Rendered) (string, error) {
	name := draft.ManifestName(r.Env)
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

// save writes the manifest beside the Makefile, whole or not at all.
func save(s *session.Session, r draft.Rendered) error {
	text, err := r.Manifest(s.Tree())
	if err != nil {
		return err
	}
	if err := s.Tree().Write(draft.ManifestName(r.Env), text, 0o644); err != nil {
		return &fault.Error{
			Code: fault.Unexpected, What: "the rendered manifest can't be written", Where: draft.ManifestName(r.Env), Err: tree.Reason(err),
			Next: tree.Next(err, "make the repository's folder writable"),
		}
	}
	return nil
}
