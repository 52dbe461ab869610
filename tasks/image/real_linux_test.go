package image

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/tree"
)

// The tests of this file ask a Docker daemon of their own, on a small disk of its own, which may fill up and may be killed.

// worker is the only program in the images here.
const worker = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	switch os.Args[1] {
	case "wait":
		time.Sleep(3 * time.Second)
	case "fill":
		file, err := os.Create("/full")
		for block := make([]byte, 1<<20); err == nil; {
			_, err = file.Write(block)
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
`

// machine is a Docker daemon's.
type machine struct {
	folder string
	cmd    *exec.Cmd
	log    *os.File
	config string // Docker's configuration of whoever asks
}

// newMachine starts a daemon that has one image to start from, base:1.
func newMachine(t *testing.T) *machine {
	t.Helper()
	prerequisite.Image(t) // so that a bare `go test` starts no daemon
	prerequisite.Root(t)
	folder, err := os.MkdirTemp("", "fm") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{folder: folder, config: t.TempDir()}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	data := filepath.Join(folder, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=96m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(data, syscall.MNT_DETACH) })
	if m.log, err = os.Create(filepath.Join(t.TempDir(), "dockerd.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.log.Close() })
	d := m.start(t)
	t.Cleanup(func() { m.end(t, syscall.SIGTERM) })
	load(t, d, "base:1")
	return m
}

// start starts the daemon, for the first time or again, and connects to it.
func (m *machine) start(t *testing.T) *Docker {
	t.Helper()
	at := func(name string) string { return filepath.Join(m.folder, name) }
	// Killed with its daemon, containerd may stay a zombie, which the next daemon would wait for.
	if err := os.RemoveAll(at("run/containerd/containerd.pid")); err != nil {
		t.Fatal(err)
	}
	m.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), prerequisite.Program(t, "dockerd"),
		"--data-root", at("data"), "--exec-root", at("run"), "--pidfile", at("pid"), "--host", "unix://"+at("s"), "--bridge=none", "--iptables=false",
		"--containerd-namespace=flowmage-test", "--containerd-plugins-namespace=flowmage-test-plugins")
	m.cmd.Stdout, m.cmd.Stderr = m.log, m.log
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET} // it would take the machine's own daemon its bridge
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", at("s"))
		return err == nil && conn.Close() == nil
	})
	return m.connect(t)
}

// connect reads Docker's configuration anew.
func (m *machine) connect(t *testing.T) *Docker {
	t.Helper()
	d, err := Connect(t.Context(), []string{"DOCKER_HOST=unix://" + filepath.Join(m.folder, "s"), "DOCKER_CONFIG=" + m.config})
	if err != nil {
		log, _ := os.ReadFile(m.log.Name())
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func (m *machine) end(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := m.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	_ = m.cmd.Wait() // it is to end, however
}

// load makes an image with nothing but the program.
func load(t *testing.T, d *Docker, name string) {
	t.Helper()
	root := folderOf(t, map[string]string{"main.go": worker, "go.mod": "module worker\n"})
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", "work", ".")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program, err := os.ReadFile(filepath.Join(root, "work"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err = w.WriteHeader(&tar.Header{Name: "work", Mode: 0o755, Size: int64(len(program)), Typeflag: tar.TypeReg})
	if _, failed := w.Write(program); errors.Join(err, failed, w.Close()) != nil {
		t.Fatal(err, failed)
	}
	answer, err := d.api.ImageImport(t.Context(), image.ImportSource{Source: &b, SourceName: "-"}, name, image.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer); err != nil {
		t.Fatal(err)
	}
	_ = answer.Close()
}

// planned plans an image from a Dockerfile and more files.
func planned(t *testing.T, registry, dockerfile string, files map[string]string) Planned {
	t.Helper()
	if files == nil {
		files = map[string]string{}
	}
	files["Dockerfile"] = dockerfile
	p := Project{Files: tree.Open(folderOf(t, files)), Name: "shop"}.Plan(Wanted{Name: "a", Dockerfile: "Dockerfile", Registry: registry})
	if p.Findings.HasErrors() {
		t.Fatal(p.Findings)
	}
	return p
}

func ensured(t *testing.T, d *Docker, p Planned, o Options) Result {
	t.Helper()
	return Ensure(t.Context(), d, []Planned{p}, o)[0]
}

// faulty checks that it failed, with the step or place and what to do, and that no image has got its name.
func faulty(t *testing.T, d *Docker, p Planned, r Result, why, next string) {
	t.Helper()
	f, ok := errors.AsType[*fault.Error](r.Err)
	if !ok || f.Code != fault.Image || !strings.Contains(f.Cause(), why) || !strings.Contains(f.Next, next) {
		t.Errorf("%+v", r.Err)
	}
	if d == nil {
		return
	}
	if _, there, err := d.Inspect(t.Context(), p.Spec.Reference()); there || err != nil {
		t.Error("what is not whole has a name", err)
	}
}

// working is what a build says when the program of its last step runs.
const working = "\"wait\"]\n ---> Running in"

// watcher calls once when a text appears in a build's log.
type watcher struct {
	text string
	call func()
	seen strings.Builder
}

func (w *watcher) Write(p []byte) (int, error) {
	w.seen.Write(p)
	if w.call != nil && strings.Contains(w.seen.String(), w.text) {
		w.call()
		w.call = nil
	}
	return len(p), nil
}

func TestRealDaemon(t *testing.T) { //nolint:tparallel // the steps share a daemon, which some of them kill
	t.Parallel()
	m := newMachine(t)
	d := m.connect(t)
	t.Run("the disk is full", func(t *testing.T) {
		p := planned(t, "", "FROM base:1\nRUN [\"/work\", \"fill\"]\n", nil)
		faulty(t, d, p, ensured(t, d, p, Options{}), "no space left on device", "free some space")
		big := filepath.Join(t.TempDir(), "big")
		if err := errors.Join(os.WriteFile(big, nil, 0o600), os.Truncate(big, 300<<20)); err != nil {
			t.Fatal(err)
		}
		p = planned(t, "", "FROM base:1\nCOPY big /\n", map[string]string{"big": ""})
		if err := os.Rename(big, filepath.Join(p.Spec.Context.files.Folder(), "big")); err != nil {
			t.Fatal(err)
		}
		p = Project{Files: p.Spec.Context.files, Name: "shop"}.Plan(Wanted{Name: "a", Dockerfile: "Dockerfile"})
		faulty(t, d, p, ensured(t, d, p, Options{}), "no space left on device", "free some space")
		p = planned(t, "", "FROM base:1\nCOPY big /\n", map[string]string{"big": "small"})
		if r := ensured(t, d, p, Options{}); r.Err != nil {
			t.Error("it does not recover:", r.Err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		before := everything(t, d)
		for _, test := range []struct{ dockerfile, at string }{
			{"FROM base:1\nENV A=1\nRUN [\"/work\", \"wait\"]\n", working},
			{"FROM base:1\nENV A=1\nENV B=1\n", "ENV A=1\n ---> Running in"},
			{"FROM base:1\nENV A=1\nFROM base:1\nENV B=1\nENV C=1\n", "ENV B=1\n ---> Running in"},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := Options{Log: func(string) io.Writer { return &watcher{text: test.at, call: cancel} }}
			if r := Ensure(ctx, d, []Planned{planned(t, "", test.dockerfile, nil)}, o)[0]; !errors.Is(r.Err, context.Canceled) {
				t.Error(r.Err)
			}
			await(t, func() bool { return everything(t, d) == before })
		}
	})
	t.Run("it dies", func(t *testing.T) {
		p := planned(t, "", "FROM base:1\nENV A=2\nRUN [\"/work\", \"wait\"]\n", nil)
		r := ensured(t, d, p, Options{Log: func(string) io.Writer {
			return &watcher{text: working, call: func() { m.end(t, syscall.SIGKILL) }}
		}})
		faulty(t, nil, p, r, "Step 4/4 : RUN", "start Docker again")
		faulty(t, nil, p, ensured(t, d, p, Options{}), "no daemon listens there", "start Docker")
		d = m.start(t)
		if r := ensured(t, d, p, Options{}); r.Err != nil || !r.Built {
			t.Error("the same again does not go on:", r.Err)
		}
		if r := ensured(t, d, p, Options{}); r.Err != nil || r.Built {
			t.Error(r)
		}
	})
}

// everything counts containers and images, those without a name included.
func everything(t *testing.T, d *Docker) [2]int {
	t.Helper()
	containers, err := d.api.ContainerList(t.Context(), container.ListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	images, err := d.api.ImageList(t.Context(), image.ListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	return [2]int{len(containers), len(images)}
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(30 * time.Second); !done(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never came to that")
		}
	}
}
