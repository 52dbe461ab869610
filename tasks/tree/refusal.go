package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Why a file is refused.
var (
	ErrOutside   = errors.New("outside of the repository")
	ErrIrregular = errors.New("no regular file")
	ErrTooLarge  = errors.New("too large")
)

// RefusedError says why a file is not read. Is finds one of this package's errors.
type RefusedError struct {
	Kind error
	What string // "it is a link that leads out of the repository"
	Next string // what to do
}

// Error gives what is wrong.
func (r *RefusedError) Error() string { return r.What }

// Unwrap gives the kind.
func (r *RefusedError) Unwrap() error { return r.Kind }

// Next gives what to do about an error of this package, otherwise what else says.
func Next(err error, otherwise string) string {
	if r, ok := errors.AsType[*RefusedError](err); ok {
		return r.Next
	}
	return otherwise
}

// Reason gives the error without the path, for who has told the place already.
func Reason(err error) error {
	for {
		p, ok := errors.AsType[*fs.PathError](err)
		if !ok {
			return err
		}
		err = p.Err
	}
}

var (
	errOutside error = &RefusedError{ErrOutside, "it leads out of the repository by a link", "put the file itself there: what lies outside of the repository is not read"}
	errAway    error = &RefusedError{ErrOutside, "it leads out of the folder by a link", "name another place: what is written stays in the folder"}
	errHidden  error = &RefusedError{ErrOutside, "it leads into .git or .flowmage by a link", "put the file itself there"}
	errGits    error = &RefusedError{ErrOutside, "it lies in git's own folder", "name a file of the repository"}
	errFolder  error = &RefusedError{ErrIrregular, "it is a folder", "put a file there"}
	errWide    error = &RefusedError{ErrTooLarge, fmt.Sprintf("the folder has more than %d entries", Widest), "keep such data outside of the repository, or leave the folder out by .gitignore"}
	errLong    error = &RefusedError{ErrTooLarge, fmt.Sprintf("its path is longer than %d bytes", longest), "nest folders less deep"}
)

// invalid tells what is wrong with a name that can be none of a tree.
func invalid(name string) error {
	switch clean := path.Clean(filepath.ToSlash(name)); {
	case !utf8.ValidString(name):
		return &RefusedError{fs.ErrInvalid, "its name is no UTF-8", "rename it"}
	case path.IsAbs(clean), filepath.IsAbs(name), clean == "..", strings.HasPrefix(clean, "../"):
		return &RefusedError{ErrOutside, "it lies outside of the repository", "name a file of the repository, by its path from there"}
	default:
		return fs.ErrInvalid
	}
}

func tooLarge(most int64) *RefusedError {
	size := fmt.Sprintf("%d bytes", most)
	if most >= 1<<20 {
		size = fmt.Sprintf("%d MiB", most>>20)
	}
	return &RefusedError{ErrTooLarge, "it is larger than " + size, "make it smaller: so large a file is not read"}
}

// kind names what a file is that is none.
func kind(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	default:
		return "something else"
	}
}

// Regular gives nil for a file that can be read by its mode, else the refusal.
func Regular(m fs.FileMode) error {
	switch {
	case m.IsRegular():
		return nil
	case m.IsDir():
		return errFolder
	default:
		return &RefusedError{ErrIrregular, "it is no regular file, but " + kind(m), "put a file there, or remove it"}
	}
}

// told makes an error of the system one of this package where it is one.
func (t *Tree) told(op, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case escapes(err) && (op == "write" || op == "mkdir"):
		err = errAway
	case escapes(err):
		err = errOutside
	case errors.Is(err, syscall.ENXIO): // a socket can't be opened
		err = Regular(fs.ModeSocket)
	}
	return &fs.PathError{Op: op, Path: name, Err: Reason(err)}
}

// escapes tells whether a root has refused a path that leads out of it. (Go: os/root.go, whose error has no name.)
func escapes(err error) bool {
	return err != nil && Reason(err).Error() == "path escapes from parent"
}
