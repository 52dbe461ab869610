package tree_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/tree"
)

// lay makes a folder with a tree in it and a file beside that, and gives the tree's path.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "tree")
	must(t, os.Mkdir(root, 0o755))
	files["../secret.txt"] = "SECRET\n"
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return root
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, root, name, to string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
	must(t, os.Symlink(to, filepath.Join(root, name)))
}

func TestIsAnFS(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"a.py": "a\n", "flows/b/c.py": strings.Repeat("c\n", 10_000), "flows/empty": "", "envs/dev.yaml": "x: 1\n"})
	must(t, fstest.TestFS(tree.Slowly(root), "a.py"))
	must(t, fstest.TestFS(tree.Open(root), "a.py", "flows/b/c.py", "flows/empty", "envs/dev.yaml"))
}

func TestLinks(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"real/file": "inside\n", ".git/config": "TOKEN\n", ".flowmage/auth": "TOKEN\n"})
	link(t, root, "good", "real/file")
	link(t, root, "up/good", "../real/file")
	link(t, root, "through/a", "../real")
	link(t, root, "absolute", filepath.Join(root, "real", "file"))
	link(t, root, "out", "../secret.txt")
	link(t, root, "far", "/etc/passwd")
	link(t, root, "parent", "..")
	link(t, root, "chain", "out")
	link(t, root, "self", "/proc/self/environ")
	link(t, root, "loop", "loop")
	link(t, root, "config", ".git/config")
	link(t, root, "auth", ".flowmage/auth")
	link(t, root, "nowhere", "missing")
	link(t, root, "back", "../"+filepath.Base(root)+"/real/file")
	for _, f := range []*tree.Tree{tree.Open(root), tree.Slowly(root)} {
		keepsInside(t, f)
	}
}

// A folder of a larger repository shares files with the others there, by links, and nothing else.
func TestLinksWithinARepository(t *testing.T) {
	t.Parallel()
	top := lay(t, map[string]string{
		".git/config": "TOKEN\n", ".flowmage/auth": "TOKEN\n", "projects/other/.flowmage/auth": "TOKEN\n", "vendor/.git": "TOKEN\n", "sub/.GIT/config": "TOKEN\n", "sub/.FlowMage/auth": "TOKEN\n",
		"shared/flows/a.py": "shared\n", "projects/shop/own.py": "own\n", "projects/shop/.git.py": "own\n",
	})
	link(t, top, "shared/out", "../../secret.txt")
	link(t, top, "shared/round", "../projects/shop")
	root := filepath.Join(top, "projects", "shop")
	link(t, root, "flows", "../../shared/flows")
	link(t, root, "flow.py", "../../shared/flows/a.py")
	link(t, root, "absolute.py", filepath.Join(top, "shared", "flows", "a.py"))
	link(t, root, "twice.py", "flow.py")
	link(t, root, "top", "../..")
	link(t, root, "beyond", "../../..")
	link(t, root, "config", "../../.git/config")
	link(t, root, "auth", "../other/.flowmage/auth")
	link(t, root, "nowhere.py", "../../shared/missing.py")
	link(t, root, ".flowmage", "../../.flowmage")
	as := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(root, as))
	const refused, private = "it leads out of the repository by a link", "it leads into .git or .flowmage by a link"
	for _, f := range []*tree.Tree{tree.Open(root), tree.Slowly(root), tree.Open(as), tree.Slowly(as)} {
		for name, want := range map[string]string{
			"own.py": "own\n", ".git.py": "own\n", "flows/a.py": "shared\n", "flow.py": "shared\n", "absolute.py": "shared\n", "twice.py": "shared\n",
			"top/shared/flows/a.py": "shared\n", "top/shared/round/own.py": "own\n", "top/projects/shop/flows/a.py": "shared\n",
			"top/secret.txt": "file does not exist", "nowhere.py": "file does not exist",
			"beyond/secret.txt": refused, "top/shared/out": refused, "beyond": refused,
			"config": private, "auth": private, "top/.git/config": private, "top/.GIT/config": "file does not exist", "top/.flowmage/auth": private, "top/vendor/.git": private,
			".flowmage/auth": private, "top/sub/.GIT/config": private, "top/sub/.FlowMage/auth": private,
		} {
			text, err := f.ReadFile(name)
			got := string(text)
			switch {
			case errors.Is(err, fs.ErrNotExist):
				got = "file does not exist"
			case err != nil:
				got = tree.Reason(err).Error()
			}
			info, wrong := f.Stat(name)
			if got != want || (err == nil) != (wrong == nil) || err == nil && info.Size() != int64(len(want)) {
				t.Errorf("%s: %q, want %q; %v, %v", name, got, want, info, wrong)
			}
		}
		entries, err := f.ReadDir("flows")
		if err != nil || len(entries) != 1 || entries[0].Name() != "a.py" {
			t.Errorf("%v, %v", entries, err)
		}
		if info, err := f.Lstat("top/shared/out"); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%v, %v", info, err)
		}
		if to, err := f.ReadLink("top/shared/out"); err != nil || to != "../../secret.txt" {
			t.Errorf("%q, %v", to, err)
		}
		if _, err := f.Lstat("top/.git"); !errors.Is(err, tree.ErrOutside) {
			t.Error(err)
		}
		if err := f.Write("flows/b.py", nil, 0o644); errText(err) != "mkdir flows: it leads out of the folder by a link" {
			t.Error(err)
		}
	}
}

// A folder for everybody is nobody's repository, whoever put a .git there.
func TestNoRepositoryForEverybody(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"../.git/config": "", "in.py": "in\n"})
	must(t, os.Chmod(filepath.Dir(root), 0o777|fs.ModeSticky))
	link(t, root, "out", "../secret.txt")
	if text, err := tree.Open(root).ReadFile("out"); !errors.Is(err, tree.ErrOutside) {
		t.Errorf("%q, %v", text, err)
	}
	must(t, os.Chmod(filepath.Dir(root), 0o755))
	if text, err := tree.Open(root).ReadFile("out"); err != nil || string(text) != "SECRET\n" {
		t.Errorf("%q, %v", text, err)
	}
}

func keepsInside(t *testing.T, f *tree.Tree) {
	t.Helper()
	for _, name := range []string{"good", "up/good", "through/a/file", "absolute", "back"} {
		text, err := tree.Read(f, name, tree.Text)
		if err != nil || string(text) != "inside\n" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if info, err := f.Stat(name); err != nil || info.Size() != 7 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	for name, want := range map[string]error{
		"out": tree.ErrOutside, "far": tree.ErrOutside, "parent/secret.txt": tree.ErrOutside, "chain": tree.ErrOutside, "config": tree.ErrOutside, ".git/config": tree.ErrOutside, ".git": tree.ErrOutside, "..": tree.ErrOutside, ".GIT/config": tree.ErrOutside, "auth": tree.ErrOutside, "self": tree.ErrOutside,
		"../secret.txt": tree.ErrOutside, "nowhere": fs.ErrNotExist, "real/../../secret.txt": tree.ErrOutside, "/etc/passwd": tree.ErrOutside,
		"a\xff": fs.ErrInvalid, "./real/file": fs.ErrInvalid, "": fs.ErrInvalid,
		"real": tree.ErrIrregular, strings.Repeat("d/", 3000) + "x": tree.ErrTooLarge,
	} {
		if text, err := tree.Read(f, name, tree.Text); !errors.Is(err, want) {
			t.Errorf("%.40s: %q, %v, want %v", name, text, err, want)
		}
		if _, err := f.ReadFile(name); !errors.Is(err, want) {
			t.Errorf("%.40s: %v, want %v", name, err, want)
		}
		if name != "real" {
			if _, err := fs.Stat(f, name); !errors.Is(err, want) {
				t.Errorf("%.40s: %v, want %v", name, err, want)
			}
		}
	}
	if _, err := f.ReadFile("loop"); err == nil {
		t.Error("a link to itself was read")
	}
	if _, err := f.ReadDir("parent"); !errors.Is(err, tree.ErrOutside) {
		t.Errorf("a folder outside was listed: %v", err)
	}
	if err := f.CopyTo(&bytes.Buffer{}, "real", make([]byte, 8)); !errors.Is(err, tree.ErrIrregular) {
		t.Errorf("a folder was copied: %v", err)
	}
	if !tree.Exists(f, "out") || tree.Exists(f, "missing") || !tree.HasFile(f, "real/file") || tree.HasFile(f, "real") || tree.HasFile(f, "missing") {
		t.Error("something else is there")
	}
	if _, err := f.ReadFile("a\xff"); tree.Next(err, "") != "rename it" {
		t.Error(err)
	}
	if to, err := f.ReadLink("far"); err != nil || to != "/etc/passwd" {
		t.Errorf("%q, %v", to, err)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"ten": "0123456789", "none": ""})
	must(t, os.Truncate(filepath.Join(root, "none"), 1<<40)) // a terabyte of nothing
	f := tree.Open(root)
	if text, err := tree.Read(f, "ten", 10); err != nil || string(text) != "0123456789" {
		t.Errorf("%q, %v", text, err)
	}
	_, err := tree.Read(f, "ten", 9)
	if diff := cmp.Diff("read ten: it is larger than 9 bytes", errText(err)); diff != "" || !errors.Is(err, tree.ErrTooLarge) {
		t.Error(diff, err)
	}
	if text, err := f.ReadFile("none"); !errors.Is(err, tree.ErrTooLarge) || cap(text) > 1<<20 {
		t.Errorf("%v, %d bytes held", err, cap(text))
	}
	buffer := make([]byte, 0, 64)
	text, err := f.Into("ten", buffer, 64)
	if err != nil || &text[0] != &buffer[:1][0] {
		t.Errorf("the buffer was not used: %v", err)
	}
	memory := fstest.MapFS{"x": {Data: []byte("0123456789")}, "d/y": {}}
	if _, err := tree.Read(memory, "x", 9); !errors.Is(err, tree.ErrTooLarge) {
		t.Error(err)
	}
	if _, err := tree.Read(memory, "d", 9); !errors.Is(err, tree.ErrIrregular) {
		t.Error(err)
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A file that is written takes the place of a link; nothing outside changes.
func TestWrite(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"old": "old", "folder/x": "x"})
	must(t, os.Chmod(filepath.Join(root, "old"), 0o600))
	link(t, root, "link", "../secret.txt")
	link(t, root, "away", "..")
	f := tree.Open(root)
	for name, want := range map[string]error{
		"old": nil, "new": nil, "deep/down/new": nil, "link": nil, "folder": tree.ErrIrregular, "away/secret.txt": tree.ErrOutside,
		"../secret.txt": tree.ErrOutside, "away/new/x": tree.ErrOutside,
	} {
		if err := f.Write(name, []byte("new"), 0o644); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if text, err := f.ReadFile(name); want == nil && (err != nil || string(text) != "new") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if err := f.WriteNamed(filepath.Join(root, "away", "secret.txt"), nil, 0o644); !errors.Is(err, tree.ErrOutside) {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "..", "secret.txt"))
	if err != nil || !bytes.Equal(text, []byte("SECRET\n")) {
		t.Errorf("%q, %v", text, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(root)); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v", entries, err)
	}
	if info, err := f.Lstat("old"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	entries, err := f.ReadDir(".")
	must(t, err)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s was left", e.Name())
		}
	}
}

func TestNamed(t *testing.T) {
	t.Parallel()
	root := lay(t, map[string]string{"in.json": "{}"})
	link(t, root, "out.json", "../secret.txt")
	f := tree.Open(root)
	for path, want := range map[string]string{
		"in.json": "{}", "./in.json": "{}", filepath.Join(root, "in.json"): "{}", "../secret.txt": "SECRET\n",
		filepath.Join(root, "..", "secret.txt"): "SECRET\n",
	} {
		if text, err := f.Named(path, tree.Text); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	as := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(root, as))
	f = tree.Open(as)
	for _, path := range []string{"out.json", filepath.Join(root, "out.json"), filepath.Join(as, "out.json")} {
		if _, err := f.Named(path, tree.Text); !errors.Is(err, tree.ErrOutside) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
