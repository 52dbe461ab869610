package image

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/tree"
)

// tree writes files below a new folder.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func paths(c Context) []string {
	out := []string{}
	for _, e := range c.entries {
		out = append(out, e.path)
	}
	return out
}

func TestReadContext(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"Dockerfile": "FROM x", "a/1.py": "1", "a/2.txt": "2", "a/deep/3.py": "3", "b/4.py": "4", ".git/config": "", ".flowmage/x": "", "top": "",
	}
	for name, test := range map[string]struct {
		ignore  string
		sources []string
		want    []string
	}{
		"everything":      {"", nil, []string{".dockerignore", "Dockerfile", "a", "a/1.py", "a/2.txt", "a/deep", "a/deep/3.py", "b", "b/4.py", "top"}},
		"a folder":        {"", []string{"a"}, []string{"a", "a/1.py", "a/2.txt", "a/deep", "a/deep/3.py"}},
		"a file below":    {"", []string{"a/deep/3.py"}, []string{"a", "a/deep", "a/deep/3.py"}},
		"a pattern":       {"", []string{"a/*.py"}, []string{"a", "a/1.py"}},
		"the root":        {"*.txt\n", []string{"."}, []string{".dockerignore", "Dockerfile", "a", "a/1.py", "a/2.txt", "a/deep", "a/deep/3.py", "b", "b/4.py", "top"}},
		"ignored":         {"**/*.txt\nb\n", []string{"a", "b"}, []string{"a", "a/1.py", "a/deep", "a/deep/3.py"}},
		"all but":         {"*\n!a\na/deep\n", nil, []string{"a", "a/1.py", "a/2.txt"}},
		"a file in it":    {"*\n!a/deep/3.py\n", nil, []string{"a/deep/3.py"}},
		"nothing":         {"", []string{}, []string{}},
		"what is missing": {"", []string{"nothere"}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := folderOf(t, files)
			if err := os.WriteFile(filepath.Join(root, ".dockerignore"), []byte(test.ignore), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := ReadContext(tree.Open(root), "Dockerfile", test.sources)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, paths(c)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOwnIgnoreFile(t *testing.T) {
	t.Parallel()
	root := folderOf(t, map[string]string{"x/Dockerfile": "", "x/Dockerfile.dockerignore": "b\n", ".dockerignore": "a\n", "a": "", "b": ""})
	c, err := ReadContext(tree.Open(root), "x/Dockerfile", []string{"a", "b"})
	if diff := cmp.Diff([]string{"a"}, paths(c)); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestSameTag shows that neither times nor owners nor the umask of a clone count, and that everything else does.
func TestSameTag(t *testing.T) {
	t.Parallel()
	files := map[string]string{"flow.py": "print()", "data/x.csv": "1,2", "run.sh": "#!/bin/sh"}
	spec := func(root string) Spec {
		c, err := ReadContext(tree.Open(root), "Dockerfile", nil)
		if err != nil {
			t.Fatal(err)
		}
		return Spec{Context: c, Text: []byte("FROM python:3.12\nCOPY . .\n"), Args: map[string]string{"A": "1"}, Platform: "linux/amd64"}
	}
	tag := func(s Spec) string {
		tag, err := Tag(s)
		if err != nil {
			t.Fatal(err)
		}
		return tag
	}
	one, two := folderOf(t, files), folderOf(t, files)
	old := time.Unix(1_000_000_000, 0)
	for _, err := range []error{
		os.Chtimes(filepath.Join(two, "flow.py"), old, old), os.Chmod(filepath.Join(two, "flow.py"), 0o600), os.Chmod(filepath.Join(two, "data"), 0o700),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if os.Getuid() == 0 {
		if err := os.Chown(filepath.Join(two, "flow.py"), 1234, 1234); err != nil {
			t.Fatal(err)
		}
	}
	want := tag(spec(one))
	if got := tag(spec(two)); got != want {
		t.Errorf("%s and %s", want, got)
	}
	var first, second bytes.Buffer
	if err := errors.Join(spec(one).Context.stream(&first), spec(two).Context.stream(&second)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same files gave two different streams")
	}
	for name, change := range map[string]func(*Spec){
		"the Dockerfile": func(s *Spec) { s.Text = append(s.Text, '#') },
		"an argument":    func(s *Spec) { s.Args = map[string]string{"A": "2"} },
		"the platform":   func(s *Spec) { s.Platform = "linux/arm64" },
		"a file more":    func(s *Spec) { s.Context = s.Context.With(map[string][]byte{"new": nil}) },
		"a file less":    func(s *Spec) { s.Context.entries = s.Context.entries[1:] },
		"a file's text":  func(s *Spec) { s.Context = s.Context.With(map[string][]byte{"flow.py": []byte("print(1)")}) },
		"a file's mode":  func(s *Spec) { s.Context.entries[len(s.Context.entries)-1].mode = 0o755 },
		"a file's name":  func(s *Spec) { s.Context.entries[0].path = "other" },
	} {
		s := spec(one)
		change(&s)
		if tag(s) == want {
			t.Errorf("%s changes nothing", name)
		}
	}
	s := spec(one)
	s.Transient = Transient{Args: map[string]string{"PIP_INDEX_URL": "x"}, Files: map[string][]byte{"ca": []byte("y")}}
	if tag(s) != want {
		t.Error("what no image keeps counts for the tag")
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	root := folderOf(t, map[string]string{"a/x.py": "1"})
	if err := errors.Join(os.Chmod(filepath.Join(root, "a/x.py"), 0o700), os.Symlink("x.py", filepath.Join(root, "a/link"))); err != nil {
		t.Fatal(err)
	}
	c, err := ReadContext(tree.Open(root), "Dockerfile", nil)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.With(map[string][]byte{"b": []byte("22")}).stream(&b); err != nil {
		t.Fatal(err)
	}
	type header struct {
		Name, Link, Text string
		Mode             int64
		Type             byte
	}
	var got []header
	for r := tar.NewReader(&b); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		text, err2 := io.ReadAll(r)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" || h.ModTime.Unix() != 0 {
			t.Errorf("%+v", h)
		}
		got = append(got, header{h.Name, h.Linkname, string(text), h.Mode, h.Typeflag})
	}
	want := []header{{"a/", "", "", 0o755, tar.TypeDir}, {"a/link", "x.py", "", 0o777, tar.TypeSymlink}, {"a/x.py", "", "1", 0o755, tar.TypeReg}, {"b", "", "22", 0o644, tar.TypeReg}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	root := folderOf(t, map[string]string{"small": "1"})
	big, err := os.Create(filepath.Join(root, "big"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		big.Truncate(2 << 30), big.Close(), // takes no space
		os.Symlink("../outside", filepath.Join(root, "out")), os.Symlink("/etc/passwd", filepath.Join(root, "absolute")), os.Symlink("small", filepath.Join(root, "in")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := ReadContext(tree.Open(root), "Dockerfile", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, f := range c.Judge("Dockerfile").Sorted() {
		got = append(got, f.Position.String()+" "+f.Severity.String()+" "+f.Message)
	}
	want := []string{
		"Dockerfile warning the build is given 2GiB of files, the largest: big (2GiB), small (1B)",
		"absolute error the link leads out of the build's context, to /etc/passwd", "out error the link leads out of the build's context, to ../outside",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if c.Judge("x").Count(finding.Error) != 2 {
		t.Error("a link that stays inside is fine")
	}
}

// TestLarge hashes and sends a large file without holding more than a few megabytes of them.
func TestLarge(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	root := folderOf(t, map[string]string{"big": ""})
	size := int64(prerequisite.Size(300, 2048)) << 20
	if err := os.Truncate(filepath.Join(root, "big"), size); err != nil {
		t.Fatal(err)
	}
	c, err := ReadContext(tree.Open(root), "Dockerfile", nil)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Tag(Spec{Context: c}); err != nil {
		t.Fatal(err)
	}
	var sent counter
	if err := c.stream(&sent); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; int64(sent) < size || used > 8<<20 {
		t.Errorf("%d bytes were sent, and %d of memory taken", sent, used)
	}
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// BenchmarkTag hashes 128 MB; beside it stands what the machine's SHA-256 does on the same bytes in memory.
func BenchmarkTag(b *testing.B) {
	root := b.TempDir()
	block := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		if err := os.WriteFile(filepath.Join(root, name), bytes.Repeat(block, 16), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	c, err := ReadContext(tree.Open(root), "Dockerfile", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("files", func(b *testing.B) {
		b.SetBytes(c.Bytes())
		for b.Loop() {
			if _, err := Tag(Spec{Context: c}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sha256", func(b *testing.B) {
		b.SetBytes(int64(len(block)))
		for b.Loop() {
			sha256.Sum256(block)
		}
	})
}
