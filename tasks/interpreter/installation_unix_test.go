//go:build !windows

package interpreter

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
)

const offline = `echo "Collecting aiosqlite==0.22.1"
  echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'"
  echo "ERROR: Could not find a version that satisfies the requirement aiosqlite==0.22.1 (from versions: none)" >&2
  echo "[notice] a new pip is available"
  echo "ERROR: No matching distribution found: Failed to establish a new connection" >&2; exit 1`

func TestNoPython(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		set  func(*bench)
		want string
	}{
		{
			name: "no Python 3 on the path",
			set:  func(*bench) {},
			want: `error: no Python 3 on the PATH
  why:   the embedded Prefect server and worker are Python programs (3.10 to 3.14)
  next:  install Python 3.12 (INSTALL), or name one of yours: ` + "`python: PATH`" + ` in envs/dev.yaml
`,
		},
		{
			name: "too old, and shims that lead nowhere",
			set: func(b *bench) {
				b.script("python3.12", "#!/bin/sh\necho 'pyenv: python3.12: command not found' >&2\nexit 127\n")
				b.python("python3", "3.8.18|1|1", "exit 1")
				b.python("python", "2.7.18|0|1", "exit 1")
			},
			want: `error: Python 3.8.18 is too old
  where: TOP/bin/python3
  why:   Prefect needs Python 3.10 to 3.14, and PATH has no other
  next:  install Python 3.12 (INSTALL), or name one of yours: ` + "`python: PATH`" + ` in envs/dev.yaml
`,
		},
		{
			name: "too new",
			set:  func(b *bench) { b.python("python3", "3.15.0|1|1", "exit 1") },
			want: `error: Python 3.15.0 is too new
  where: TOP/bin/python3
  why:   Prefect needs Python 3.10 to 3.14, and PATH has no other
  next:  install Python 3.12 (INSTALL), or name one of yours: ` + "`python: PATH`" + ` in envs/dev.yaml
`,
		},
		{
			name: "no venv module, no uv, no pip",
			set:  func(b *bench) { b.python("python3", "3.11.2|0|0", "exit 1") },
			want: `error: no venv module in Python 3.11.2, and no uv on the PATH
  where: TOP/bin/python3
  why:   one of the two is needed to install Prefect
  next:  INSTALL   (or install uv: https://docs.astral.sh/uv/)
`,
		},
		{
			name: "no venv module, and pip can't fetch uv",
			set: func(b *bench) {
				b.python("python3", "3.11.2|0|1", "echo 'ERROR: Could not open requirements file'; exit 1")
			},
			want: `error: no venv module in Python 3.11.2, and no uv on the PATH
  where: TOP/bin/python3
  why:   fetching uv with pip failed:
         ERROR: Could not open requirements file
  next:  INSTALL   (or install uv: https://docs.astral.sh/uv/)
`,
		},
		{
			name: "no network",
			set:  func(b *bench) { b.python("python3", "3.12.1|1|1", offline) },
			want: `error: can't install the embedded Python environment: the package index is not reachable
  where: ROOT/.flowmage/logs/install.log
  why:   connection broken by 'NewConnectionError'
         ERROR: Could not find a version that satisfies the requirement aiosqlite==0.22.1 (from versions: none)
         ERROR: No matching distribution found: Failed to establish a new connection
  next:  check the network and run the same command again. Behind a proxy set HTTPS_PROXY; for an index of your own set
         PIP_INDEX_URL (or UV_INDEX_URL); for a company certificate set SSL_CERT_FILE
`,
		},
		{
			name: "a wheel with another hash",
			set: func(b *bench) {
				b.python("python3", "3.12.1|1|1", `echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."; exit 1`)
			},
			want: `error: can't install the embedded Python environment
  where: ROOT/.flowmage/logs/install.log
  why:   ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
  next:  read the log named above, mend the cause and run the same command again: it starts over where needed
`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			test.set(b)
			_, err := b.open().locked(t.Context())
			if fault.CodeOf(err) != fault.Server {
				t.Errorf("code %d", fault.CodeOf(err))
			}
			told := strings.NewReplacer(
				installLine("python3", "python3-venv"), "INSTALL", installLine("python3-venv"), "INSTALL",
			).Replace(b.told(err))
			if diff := cmp.Diff(test.want, told); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if folder.Exists(b.open().markerPath()) {
				t.Error("a failed installation is marked as complete")
			}
		})
	}
}

func TestInstallationHeals(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.python("python3.12", "3.12.1|1|1", "echo fine")
	b.python("python3", "3.8.1|1|1", "echo fine")
	installs := 0
	ensure := func(t *testing.T, what string, anew bool) {
		t.Helper()
		env, err := b.open().locked(t.Context())
		if err != nil {
			t.Fatal(told(err))
		}
		if anew {
			installs++
		}
		if got := b.count("-m venv"); got != installs {
			t.Errorf("%s: %d installations, want %d", what, got, installs)
		}
		if env.Version != "3.12.1" || env.Python != filepath.Join(b.root, folder.Name, "python", "bin", "python") {
			t.Errorf("%s: %+v", what, env)
		}
	}
	remove := func(path ...string) {
		if err := os.RemoveAll(filepath.Join(append([]string{b.root, folder.Name}, path...)...)); err != nil {
			t.Fatal(err)
		}
	}
	ensure(t, "first", true)
	calls := b.count("")
	ensure(t, "second", false)
	if got := b.count(""); got != calls {
		t.Errorf("the second start ran %d programs", got-calls)
	}
	remove("python.json")
	ensure(t, "without the marker", true)
	remove("python")
	ensure(t, "without the environment", true)
	write(t, b.open().markerPath(), `{"Lock": "torn`)
	ensure(t, "torn marker", true)

	m, _ := folder.ReadJSON[envMarker](b.open().markerPath())
	m.Lock = "another"
	if err := folder.WriteJSON(b.open().markerPath(), m); err != nil {
		t.Fatal(err)
	}
	ensure(t, "another lock", true)
	if err := folder.WriteJSON(b.open().packagesPath(), packagesMarker{Busy: true}); err != nil {
		t.Fatal(err)
	}
	ensure(t, "killed while packages were installed", true)

	moved := filepath.Join(filepath.Dir(b.root), "moved")
	if err := os.Rename(b.root, moved); err != nil {
		t.Fatal(err)
	}
	b.root = moved
	ensure(t, "moved repository", true)
	remove("")
	ensure(t, "nothing left", true)
}

func TestWithoutVenvUVIsFetched(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// pip's --target argument follows the option; the fake puts a uv there that makes an environment.
	b.python("python3", "3.11.2|0|1", `while [ "$1" != --target ]; do shift; done; /bin/mkdir -p "$2/bin"; /bin/cp "$FAKE_UV" "$2/bin/uv"`)
	uv := filepath.Join(b.root, "fake-uv")
	write(t, uv, `#!/bin/sh
echo "uv $*" >>"$FAKE_CALLS"
case "$1" in
venv) for dir; do :; done; /bin/mkdir -p "$dir/bin"; /bin/cp "$4" "$dir/bin/python" ;;
esac
`)
	if err := os.Chmod(uv, 0o755); err != nil {
		t.Fatal(err)
	}
	i := b.open()
	i.environ = append(i.environ, "FAKE_UV="+uv)
	if _, err := i.locked(t.Context()); err != nil {
		t.Fatal(b.told(err))
	}
	if m, _ := folder.ReadJSON[envMarker](i.markerPath()); m.Installer != "uv" {
		t.Errorf("installed by %q", m.Installer)
	}
	if b.count("--require-hashes --only-binary :all: --target") != 1 || b.count("uv pip sync --require-hashes") != 1 ||
		b.count("--only-binary :all:") != 2 {
		t.Errorf("calls: %s", b.story)
	}
}

func TestInterruptedInstallation(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.python("python3", "3.12.1|1|1", `echo working; /bin/sleep 60 & echo $! >"$FAKE_CALLS.child"; wait`)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.open().locked(ctx)
		done <- err
	}()
	b.eventually("pip runs", func() bool {
		info, err := os.Stat(b.calls + ".child")
		return err == nil && info.Size() > 0
	})
	cancel()
	if err := <-done; fault.CodeOf(err) != fault.Interrupted {
		t.Fatalf("got %v, want an interruption", err)
	}
	b.eventually("pip's child is gone", func() bool {
		_, lives := identity.Birth(t.Context(), numberIn(t, b.calls+".child"))
		return !lives
	})
	b.python("python3", "3.12.1|1|1", "echo fine")
	if _, err := b.open().locked(t.Context()); err != nil {
		t.Fatal(b.told(err))
	}
}

func numberIn(t *testing.T, path string) int {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// TestOrphanedInstaller has a pip at work whose command was killed.
func TestOrphanedInstaller(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.python("python3", "3.12.1|1|1", "echo fine")
	env, err := b.open().locked(t.Context())
	if err != nil {
		t.Fatal(b.told(err))
	}
	write(t, filepath.Join(b.path, "slow"), "#!/bin/sh\nread line\n")
	if err := os.Chmod(filepath.Join(b.path, "slow"), 0o755); err != nil {
		t.Fatal(err)
	}
	orphan := exec.CommandContext(t.Context(), filepath.Join(b.path, "slow"), "-m", "pip", env.Python)
	if _, err := orphan.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- orphan.Wait() }()
	if err := os.Remove(b.open().markerPath()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.open().locked(t.Context()); err != nil {
		t.Fatal(b.told(err))
	}
	if err := <-done; err == nil {
		t.Error("it ended in peace")
	}
}
