//go:build unix

package tree_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/flowmage/flowmage/tasks/tree"
)

// What is no file is told from one, and neither a pipe that nobody writes to nor a device without end holds a reader up.
func TestSpecialFiles(t *testing.T) {
	root := lay(t, map[string]string{"dir/x": "x"})
	must(t, unix.Mkfifo(filepath.Join(root, "pipe"), 0o644))
	link(t, root, "to-pipe", "pipe")
	t.Chdir(root) // a socket's path must be short
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", "socket")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	names := map[string]string{
		"pipe": "a named pipe", "to-pipe": "a named pipe", "socket": "a socket",
	}
	if unix.Mknod(filepath.Join(root, "zero"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))) == nil { // as root
		names["zero"] = "a device"
	}
	f := tree.Open(root)
	for name, what := range names {
		for _, f := range []*tree.Tree{f, tree.Slowly(root)} {
			_, err := tree.Read(f, name, tree.Text)
			if !errors.Is(err, tree.ErrIrregular) || errText(tree.Reason(err)) != "it is no regular file, but "+what {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for _, path := range []string{"/dev/zero", "/dev/null", "/dev/urandom", "/dev"} {
		if _, err := f.Named(path, tree.Text); !errors.Is(err, tree.ErrIrregular) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := tree.Outside(filepath.Join(root, "pipe"), 1); !errors.Is(err, tree.ErrIrregular) {
		t.Error(err)
	}
}

// No program that is started later gets a file that is open, and a file that says nothing of its size is read no further than it may be.
func TestOpenFiles(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"x": "x"})
	for _, f := range []*tree.Tree{tree.Open(root), tree.Slowly(root)} {
		file, err := f.Open("x")
		must(t, err)
		flags, err := unix.FcntlInt(file.(*os.File).Fd(), unix.F_GETFD, 0) //nolint:forcetypeassert // here it is one
		if err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("%x, %v", flags, err)
		}
		must(t, file.Close())
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip(err)
	}
	if text, err := tree.Outside("/proc/self/status", 16); !errors.Is(err, tree.ErrTooLarge) {
		t.Errorf("%q, %v", text, err)
	}
}

// What a shell gives for <(command) is read, up to the limit.
func TestNamedPipe(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{})
	pipe := filepath.Join(root, "..", "pipe")
	must(t, unix.Mkfifo(pipe, 0o600))
	for _, most := range []int64{5, 4} {
		go func() { _ = os.WriteFile(pipe, []byte("12345"), 0o600) }()
		text, err := tree.Open(root).Named(pipe, most)
		if most == 5 && (err != nil || string(text) != "12345") || most == 4 && !errors.Is(err, tree.ErrTooLarge) {
			t.Errorf("%q, %v", text, err)
		}
	}
}
