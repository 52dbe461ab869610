//go:build unix

package targets

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// warp passes requests on to a server, tells the wrong time, and lets writes of deployments wait until it is closed.
func warp(t *testing.T, api string, ahead time.Duration) (address string, held <-chan struct{}) {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		return nil
	}
	waiting, open := make(chan struct{}, 9), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch && strings.HasPrefix(r.URL.Path, "/api/deployments/") {
			waiting <- struct{}{}
			<-open
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(open) })
	return server.URL + "/api", waiting
}

// diagnosis gives what env:doctor finds, a line for each: code and message.
func (l *lab) diagnosis(t *testing.T) string {
	t.Helper()
	a := l.start(t, "env:doctor", "-json").wait(t)
	var answer struct {
		Findings []struct{ Code, Severity, Message, Fix string }
	}
	if err := json.Unmarshal([]byte(a.stdout), &answer); err != nil {
		t.Fatalf("%v\n%s\n%s", err, a.stdout, a.stderr)
	}
	var out strings.Builder
	errors := 0
	for _, f := range answer.Findings {
		out.WriteString(f.Severity + " " + f.Code + ": " + f.Message + "\n")
		if f.Fix == "" {
			t.Errorf("%s: no remedy", f.Code)
		}
		if f.Severity == "error" {
			errors++
		}
	}
	if (a.code == 3) != (errors > 0) {
		t.Errorf("exit code %d with %d errors", a.code, errors)
	}
	return out.String()
}

// TestDoctor plants troubles on a real server and on this machine, and has env:doctor find all of them at once.
func TestDoctor(t *testing.T) {
	t.Parallel()
	const project = "doctor"
	s := newStage(t, project, 2, nil)
	s.run(t, 0, "deploy:all")
	d, err := s.api.DeploymentByName(t.Context(), project+"-1", project+"-1-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.api.CreateFlowRun(t.Context(), d.ID, prefect.FlowRunRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.SetFlowRunState(t.Context(), run.ID, prefect.State{Type: prefect.StateScheduled, Name: "Late"}, true); err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: "doctor-idle", Type: "process"}); err != nil && !prefect.IsConflict(err) {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.root, "flows", project+"-2")); err != nil {
		t.Fatal(err)
	}
	warped, held := warp(t, prerequisite.Server(t), 2*time.Hour)
	tool := s.with("PREFECT_API_URL="+warped, "FLOWMAGE_TAGS=other").start(t, "deploy:all")
	<-held
	kill(t, tool.cmd.Process.Pid)
	tool.wait(t)

	found := s.with("FLOWMAGE_SERVER__URL="+warped, "PATH="+t.TempDir()).diagnosis(t)
	for _, want := range []string{
		"warning server-choice: ", "warning tool-git: git: not on the PATH", "error clock-skew: the server's clock is ",
		"error ladder: worker of doctor-dev: no worker has ever polled doctor-dev", "note pool-idle: other work pools without a worker online: ",
		"doctor-idle", "warning runs-late: runs that are late: 1", "warning lock-stale: a dead deploy holds the lock: ", "note deployment-left: nothing in the repository asks for doctor-2-python-dev",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("no %q in\n%s", want, found)
		}
	}
	s.run(t, 0, "deploy:unlock", "-yes")
	s.run(t, 0, "deploy:clean", "-yes")
}

// TestDoctorStopped looks at an embedded environment that does not run, whose port is taken, whose packages break Prefect, and whose disk,
// where a test may mount one, is full.
func TestDoctorStopped(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:4200")
	if err == nil { // else it is taken already
		defer listener.Close() //nolint:errcheck // it was there to be seen
	}
	l := &lab{root: t.TempDir(), mage: program(t)}
	full := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=16m", "none", l.root).Run() == nil
	if full {
		t.Cleanup(func() { _ = exec.CommandContext(context.WithoutCancel(t.Context()), "umount", l.root).Run() })
	}
	l.edit(t, "envs/base.yaml", "project: doctor-stopped\n")
	l.edit(t, "venv/lib/python3.12/site-packages/fastapi-0.165.0.dist-info/METADATA", "Name: fastapi\n")
	l.edit(t, "venv/bin/python", "#!/bin/sh\n")
	if err := os.Chmod(filepath.Join(l.root, "venv", "bin", "python"), 0o700); err != nil {
		t.Fatal(err)
	}
	l.environ = append(clean(), "FLOWMAGE_PYTHON=venv/bin/python")
	wants := []string{"note embedded-stopped: ", "warning port-taken: port 4200 belongs to another program", "error package-bad: fastapi 0.165.0"}
	if full {
		wants = append(wants, "error disk-full: 0.0 GiB are free at "+l.root)
	} else {
		t.Log("no file system may be mounted here: the full disk is left out")
	}
	found := l.diagnosis(t)
	for _, want := range wants {
		if !strings.Contains(found, want) {
			t.Errorf("no %q in\n%s", want, found)
		}
	}
}
