package trust

import (
	"os"
	"path/filepath"
)

// Top gives the folder that a commit is of, with all that somebody else may have written, for a project that lies in it or is it: the next folder
// above with .git, or above that one if it is no folder there, as in a submodule or a second work tree of a clone. Without any it is root itself.
func Top(root string) string {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return root
	}
	top := absolute
	for at := resolved(absolute); ; at = filepath.Dir(at) {
		if info, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			top = at
			if info.IsDir() {
				return top
			}
		}
		if at == filepath.Dir(at) {
			return top
		}
	}
}

// within tells whether a path lies in the folder top, or is top, or leads through it, whatever its names: by the folders that it names, and by
// those that it leads to. What can't be told counts as within.
func within(top, path string) bool {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	if below, err := filepath.Rel(filepath.Clean(top), absolute); err == nil && filepath.IsLocal(below) {
		return true
	}
	folder, err := os.Stat(top)
	if err != nil {
		return true
	}
	return below(folder, absolute) || below(folder, resolved(path))
}

// below tells whether a folder is one of those that a path names.
func below(folder os.FileInfo, path string) bool {
	for at := path; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && os.SameFile(info, folder) {
			return true
		}
		if at == filepath.Dir(at) {
			return false
		}
	}
}

// resolved follows the links in a path, as far as it exists.
func resolved(path string) string {
	if followed, err := filepath.EvalSymlinks(path); err == nil {
		if followed, err = filepath.Abs(followed); err == nil {
			return followed
		}
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolved(parent), filepath.Base(path))
}

// mostLinks bounds how many links are followed one after the other, as systems do.
const mostLinks = 40

// linked tells whether a file is a link that leads into top, or through it on its way.
func linked(top, path string) bool {
	for range mostLinks {
		target, err := os.Readlink(path)
		if err != nil {
			return false // no link, or none there
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(resolved(filepath.Dir(path)), target)
		}
		if within(top, target) {
			return true
		}
		path = target
	}
	return true
}
