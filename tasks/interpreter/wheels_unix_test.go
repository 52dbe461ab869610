//go:build !windows

package interpreter

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// A real pip takes from an index only what the lock has the hash of, and builds nothing that has a wheel.
func TestLockIsKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	index, mark := t.TempDir(), filepath.Join(t.TempDir(), "built")
	wheel := put(t, filepath.Join(index, "tiny-1.0-py3-none-any.whl"), wheelOf(t))
	source := put(t, filepath.Join(index, "tiny-1.0.tar.gz"), sourceOf(t, "tiny", mark))
	small := put(t, filepath.Join(index, "small-1.0.tar.gz"), sourceOf(t, "small", mark))
	i := b.open()
	i.environ = append(os.Environ(), "PIP_NO_INDEX=1", "PIP_FIND_LINKS="+index, "PIP_NO_BINARY=:all:")
	if err := i.folder.Make(); err != nil {
		t.Fatal(err)
	}
	unlock, err := i.folder.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	step := i.console.Begin("installing")
	defer step.Done("done")
	python := venvPython(i.folder.Path("python"))
	if err := i.install(t.Context(), step, prerequisite.Program(t, "python3"), "-I", "-m", "venv", i.folder.Path("python")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, lock string
		fails      string // in the installer's words; empty: it works
		built      bool
		story      string
	}{
		{name: "without a hash", lock: "tiny==1.0\n", fails: "Hashes are required"},
		{name: "with another hash", lock: "tiny==1.0 --hash=sha256:" + strings.Repeat("0", 64) + "\n", fails: "DO NOT MATCH THE HASHES"},
		{name: "the source is there too, and wanted elsewhere", lock: "tiny==1.0 --hash=sha256:" + source + " --hash=sha256:" + wheel + "\n"},
		{
			name: "there is only source", lock: "small==1.0 --hash=sha256:" + small + "\n", built: true,
			story: "warning: small has no wheel for this Python and system: it is built from its source, which runs programs of that source",
		},
	} {
		write(t, i.folder.Path("python.lock"), test.lock)
		err := i.installWithPip(t.Context(), step, python, i.folder.Path("python.lock"))
		text := strings.Join(outputOf(err), "\n")
		if (err != nil) != (test.fails != "") || !strings.Contains(text, test.fails) {
			t.Fatalf("%s: %v\n%s", test.name, err, text)
		}
		if _, err := os.Stat(mark); (err == nil) != test.built {
			t.Errorf("%s: a package was built: %v, want %v", test.name, err == nil, test.built)
		}
		if !strings.Contains(b.story.String(), test.story) {
			t.Error(b.story.String())
		}
	}
}

// What pip and uv say when there is no wheel, and when there is no network.
func TestNoWheel(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"ERROR: No matching distribution found for Do_cOpt==0.6.2": {"do-copt"},
		"error: No solution found\n  cause: Because docopt==0.6.2 has no usable wheels and you require docopt==0.6.2\n\nhint: Wheels are required for `docopt` because building is disabled": {"docopt"},
		"Because a==1 has no wheels with a matching Python ABI tag (e.g., `cp314`)":                                                                                                          {"a"},
		"ERROR: Failed to establish a new connection\nERROR: No matching distribution found for a==1":                                                                                        nil,
		"ERROR: THESE PACKAGES DO NOT MATCH THE HASHES":                                                                                                                                      nil,
	} {
		if diff := cmp.Diff(want, wheelless(strings.Split(text, "\n"))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// put writes a file and gives its hash.
func put(t *testing.T, path string, data []byte) string {
	t.Helper()
	write(t, path, string(data))
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// wheelOf is the smallest wheel.
func wheelOf(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, file := range [][2]string{
		{"tiny.py", ""}, {"tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"},
		{"tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{"tiny-1.0.dist-info/RECORD", "tiny.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n"},
	} {
		f, err := w.Create(file[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sourceOf is a source distribution that leaves a mark when it is built.
func sourceOf(t *testing.T, name, mark string) []byte {
	t.Helper()
	backend := fmt.Sprintf(`import zipfile
def get_requires_for_build_wheel(config=None): return []
def build_wheel(folder, config=None, metadata=None):
    open(%[1]q, "w").close()
    name = "%[2]s-1.0-py3-none-any.whl"
    with zipfile.ZipFile(folder + "/" + name, "w") as z:
        z.writestr("%[2]s.py", "")
        z.writestr("%[2]s-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: %[2]s\nVersion: 1.0\n")
        z.writestr("%[2]s-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr("%[2]s-1.0.dist-info/RECORD", "")
    return name
`, mark, name)
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, file := range [][2]string{
		{"pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n[project]\nname = \"" + name + "\"\nversion = \"1.0\"\n"},
		{"backend.py", backend}, {"PKG-INFO", "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n"},
	} {
		if err := w.WriteHeader(&tar.Header{Name: name + "-1.0/" + file[0], Mode: 0o644, Size: int64(len(file[1]))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(file[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
