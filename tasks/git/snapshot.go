package git

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// Why a snapshot can't be had, whatever it is of.
var (
	ErrNoCommit     = errors.New("it names no commit that is here")
	ErrNoRepository = errors.New("the folder is in no git repository")
	ErrNoProgram    = errors.New("the program git is not installed, or not on PATH")
)

// OwnerError says that git does not ask a repository of another owner, which its own configuration can't allow.
type OwnerError struct {
	Folder string // the work tree, as git names it
}

// Error implements error.
func (e *OwnerError) Error() string {
	return "git asks nothing of " + e.Folder + ", which belongs to somebody else (safe.directory)"
}

// Bounds of a snapshot: who asks for a file gets it whole or not at all.
const (
	largestFile     = 8 << 20
	largestSnapshot = 64 << 20
)

// Snapshot gives some files of a commit as they are in git's own store, whatever lies in the work tree. name is a hash or a full reference; paths
// count from the root, and only regular files are in it. Without such a commit here the error is [ErrNoCommit]; where git can't be asked at all it is [ErrNoRepository], [ErrNoProgram], an [OwnerError] or
// what git says. Nothing is fetched.
func (r Repository) Snapshot(ctx context.Context, name string, wanted func(path string) bool) (fs.FS, error) {
	commit, err := r.ask(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	commit = strings.TrimSpace(commit)
	if err != nil || commit == "" {
		return nil, r.missing(ctx)
	}
	list, err := r.ask(ctx, "ls-tree", "-r", "-l", "-z", commit)
	if err != nil {
		return nil, err
	}
	var paths, objects []string
	whole := int64(0)
	for entry := range strings.SplitSeq(list, "\x00") {
		details, path, _ := strings.Cut(entry, "\t")
		fields := strings.Fields(details) // mode, type, object, size
		if len(fields) != 4 || !strings.HasPrefix(fields[0], "100") || !wanted(path) {
			continue
		}
		size, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s of %s is not here", path, name)
		}
		if whole += size; size > largestFile || whole > largestSnapshot {
			return nil, fmt.Errorf("%s of %s is too large to read", path, name)
		}
		paths, objects = append(paths, path), append(objects, fields[2])
	}
	return r.store(ctx, paths, objects)
}

// missing gives why a name gave no commit: mostly there is none, else git answers no question here.
func (r Repository) missing(ctx context.Context) error {
	if _, err := exec.LookPath("git"); err != nil {
		return ErrNoProgram
	}
	_, err := r.ask(ctx, "rev-parse", "--git-dir")
	if err == nil {
		return ErrNoCommit
	}
	said := err.Error() // git answers in English: see surroundings
	switch {
	case strings.Contains(said, "dubious ownership"), strings.Contains(said, "unsafe repository"):
		folder := r.root
		if home, found := r.home(); found {
			folder = filepath.Dir(home)
		}
		if _, rest, ok := strings.Cut(said, "repository at '"); ok {
			folder, _, _ = strings.Cut(rest, "'\n")
		}
		return &OwnerError{strings.TrimSuffix(folder, "'")}
	case strings.Contains(said, "not a git repository"):
		return ErrNoRepository
	default:
		return err
	}
}

// store reads objects and gives them as files.
func (r Repository) store(ctx context.Context, paths, objects []string) (fs.FS, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	out := ""
	var err error
	if len(objects) > 0 {
		out, err = r.tell(ctx, strings.Join(objects, "\n")+"\n", "cat-file", "--batch")
	}
	for i := range objects {
		var text string
		if err == nil {
			text, out, err = blob(out, objects[i])
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", paths[i], err)
		}
		var file io.Writer
		if file, err = w.CreateHeader(&zip.FileHeader{Name: paths[i], Method: zip.Store}); err == nil {
			_, err = io.WriteString(file, text)
		}
	}
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, err
	}
	return zip.NewReader(bytes.NewReader(archive.Bytes()), int64(archive.Len()))
}

// blob takes one object off the answer of git cat-file --batch: a line with its name, kind and size, the content, and the end of a line.
func blob(answer, object string) (text, rest string, err error) {
	head, rest, _ := strings.Cut(answer, "\n")
	fields := strings.Fields(head)
	if len(fields) != 3 || fields[0] != object || fields[1] != "blob" {
		return "", "", fmt.Errorf("git says %q", head)
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil || size < 0 || size+1 > len(rest) {
		return "", "", fmt.Errorf("git says %q, and gives %d bytes", head, len(rest))
	}
	return rest[:size], rest[size+1:], nil
}
