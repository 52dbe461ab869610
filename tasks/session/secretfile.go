package session

import (
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/tree"
)

// secretsVariable names folders from which the settings may take secrets, with the system's list separator between them.
const secretsVariable = "FLOWMAGE_SECRETS_FROM"

// secretFile reads a file that the settings name as a secret. They are the repository's, so they may not name what they like: a deploy would
// send any file of this machine to a server that they name too. Allowed are files of the repository, and the folders where systems put secrets
// for a program to find: Docker's and Kubernetes', systemd's, and those that somebody names outside of the repository. What counts is where a
// path leads, however it is spelled; so a link of the repository's may lead into such a folder.
func secretFile(s *Session, file string) ([]byte, error) {
	file = filepath.Clean(s.File(file))
	to, lost := filepath.EvalSymlinks(file)
	name, own := s.Tree().Name(file)
	if !own && lost == nil {
		name, own = s.Tree().Name(to)
	}
	switch {
	case own && private(name):
		return nil, &tree.RefusedError{Kind: tree.ErrOutside, What: "it is no file of the repository's, but one of this tool", Next: "name another file"}
	case !own && secretPlace(s, file):
		return tree.Outside(file, tree.Secret)
	case !own:
		return nil, &tree.RefusedError{
			Kind: tree.ErrOutside, What: "it lies outside of the project's folder, and nobody has said outside of the repository that secrets come from there",
			Next: "if they do, set " + secretsVariable + "=" + filepath.Dir(file) + " where the command runs",
		}
	}
	data, err := s.Tree().Into(name, nil, tree.Secret)
	if _, own = s.Tree().Name(to); errors.Is(err, tree.ErrOutside) && lost == nil && !own && secretPlace(s, to) {
		return tree.Outside(to, tree.Secret)
	}
	return data, err
}

// secretPlace tells whether somebody has said, outside of the repository, that secrets come from a file's folder. A pod's own account lies among
// its secrets, but is none of a flow's.
func secretPlace(s *Session, file string) bool {
	return slices.ContainsFunc(secretFolders(s), func(folder string) bool { return below(folder, file) }) && !below("/run/secrets/kubernetes.io", unaliased(file))
}

// private tells of the files in which this tool keeps credentials; the tree itself refuses git's.
func private(name string) bool {
	for _, part := range []string{"auth", "run", "server"} {
		if name = strings.ToLower(name); name == path.Join(local.Folder, part) || strings.HasPrefix(name, path.Join(local.Folder, part)+"/") {
			return true
		}
	}
	return false
}

// secretFolders gives the folders outside of the repository that secrets may come from.
func secretFolders(s *Session) []string {
	out := []string{"/run/secrets", "/var/run/secrets"}
	for _, variable := range []string{"CREDENTIALS_DIRECTORY", secretsVariable} {
		if value, set := s.Environ.Lookup(variable); set {
			out = append(out, filepath.SplitList(value)...)
		}
	}
	return out
}

// unaliased gives a path below /run by its one name: /var/run leads to it.
func unaliased(file string) string {
	if strings.HasPrefix(file, "/var/run/") {
		return strings.TrimPrefix(file, "/var")
	}
	return file
}

// below tells whether a file lies in a folder.
func below(folder, file string) bool {
	within, err := filepath.Rel(filepath.Clean(folder), file)
	return err == nil && folder != "" && filepath.IsLocal(within)
}
