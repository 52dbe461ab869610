//go:build unix

package targets

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

func brokenDockerfiles(t *testing.T, l *lab) {
	at := filepath.Join(l.root, "flows", "rpa1", "Dockerfile")
	good, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	before := images(t)
	for name, test := range map[string]struct{ line, says string }{
		"missing file": {"COPY flows/nothere.txt .", "of the files that the Dockerfile copies, the build has in flows: __init__.py, rpa1/"},
		"failing step": {"RUN echo it is broken && false", "it is broken"},
		"no such base": {"FROM registry.invalid/nothere", "the image to start from can't be fetched"},
	} {
		l.edit(t, "flows/rpa1/Dockerfile", string(good)+test.line+"\n")
		a := l.run(t, 3, "deploy:all")
		if !strings.Contains(a.stderr, test.says) || !strings.Contains(a.stderr, test.line) && name != "no such base" || !strings.Contains(a.stdout, "blocked   rpa1-container-dev") {
			t.Errorf("%s:\n%s\n%s", name, a.stdout, a.stderr)
		}
	}
	if diff := cmp.Diff(before, images(t)); diff != "" {
		t.Error("something was left behind", diff)
	}
	l.edit(t, "flows/rpa1/Dockerfile", string(good))
	l.run(t, 0, "deploy:containers")
}

// interruptedBuild leaves no image, layer or container behind.
func interruptedBuild(t *testing.T, l *lab) {
	all := func() []string {
		list := strings.Fields(docker(t, "images", "--all", "--quiet") + "\n" + docker(t, "ps", "--all", "--quiet"))
		slices.Sort(list)
		return list
	}
	l.appendTo(t, "flows/rpa1/workflow.py", "\n# for nothing\n")
	before := all()
	r := l.start(t, "deploy:build", "-kind=container", "-only=rpa1")
	r.stderr.await(t, "COPY flows/rpa1 ./flows/rpa1")
	r.signal(t, syscall.SIGINT)
	if a := r.wait(t); a.code != 130 {
		t.Errorf("exit code %d\n%s\n%s", a.code, a.stdout, a.stderr)
	}
	if diff := cmp.Diff(before, all()); diff != "" {
		t.Error(diff)
	}
	l.run(t, 0, "deploy:containers")
}

// dockerDies passes requests on to the daemon, and stops to when the last step of a build runs.
func dockerDies(t *testing.T, l *lab) {
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute}
	server.Handler = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "docker" },
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", "/var/run/docker.sock")
		}},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
		ModifyResponse: func(r *http.Response) error {
			if strings.HasSuffix(r.Request.URL.Path, "/build") {
				r.Body = &breaking{ReadCloser: r.Body, at: "VOLUME", then: func() { _ = server.Close() }}
			}
			return nil
		},
	}
	go func() { _ = server.Serve(listener) }()
	l.appendTo(t, "flows/rpa2/workflow.py", "\n# changed again\n")
	a := l.with("DOCKER_HOST=unix://"+socket).run(t, 3, "deploy:all")
	if !strings.Contains(a.stderr, "Docker went away while the image of rpa2 was built") || !strings.Contains(a.stdout, "blocked   rpa2-container-dev") ||
		!strings.Contains(a.stdout, "updated   rpa2-python-dev") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	if a = l.run(t, 0, "deploy:all"); strings.Count(a.stdout, "unchanged rpa") != 5 || !strings.Contains(a.stdout, "updated   rpa2-container-dev") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
}

// breaking is an answer that breaks off behind a text.
type breaking struct {
	io.ReadCloser
	at   string
	then func()
	seen []byte
}

func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.seen = append(b.seen, p[:n]...); bytes.Contains(b.seen, []byte(b.at)) {
		b.then()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// noBaseImage is told, and with containers: auto no error: this machine may have no way to get one.
func noBaseImage(t *testing.T, l *lab) {
	missing := l.with(`FLOWMAGE_IMAGE__BUILD_ARGS={PYTHON_IMAGE: "registry.invalid/nothere"}`)
	for code, containers := range map[int]string{0: "auto", 3: "on"} {
		a := missing.with("FLOWMAGE_CONTAINERS="+containers).run(t, code, "deploy:all")
		if !strings.Contains(a.stderr, "the image to start from can't be fetched") || strings.Count(a.stdout, "-python-dev") != 3 {
			t.Errorf("%s\n%s", a.stdout, a.stderr)
		}
	}
	a := missing.run(t, 5, "deploy:containers")
	if !strings.Contains(a.stderr, "log in (docker login)") {
		t.Error(a.stderr)
	}
}

func unimportable(t *testing.T, l *lab) {
	l.edit(t, "flows/extra/workflow.py", "import nothere\nfrom prefect import flow\n\n\n@flow(name=\"extra\")\ndef extra():\n    pass\n")
	l.edit(t, "flows/extra/Dockerfile", "FROM containers-test-base\nCOPY flows/extra ./flows/extra\n")
	a := l.run(t, 5, "deploy:containers", "-only=extra")
	if !strings.Contains(a.stderr, "ModuleNotFoundError: No module named 'nothere'") {
		t.Error(a.stderr)
	}
}

// movedTag pushes another image under the tag that was deployed.
func movedTag(t *testing.T, l *lab) {
	t.Helper()
	l.run(t, 0, "deploy:containers", "-only=rpa2")
	if a := l.run(t, 0, "verify:images", "-only=rpa2"); !strings.Contains(a.stdout, "ok        image of rpa2") {
		t.Error(a.stdout)
	}
	for _, d := range l.deployments(t) {
		if image, _ := d.JobVariables["image"].(string); d.Name == "rpa2-container-dev" {
			docker(t, "tag", prerequisite.Image(t), image)
			docker(t, "push", "--quiet", image)
			docker(t, "rmi", image)
		}
	}
	if a := l.run(t, 5, "verify:images", "-only=rpa2"); !strings.Contains(a.stdout+a.stderr, "somebody has pushed under that tag") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
}

func wrongNetwork(t *testing.T, l *lab) {
	const name = "flowmage-test-internal"
	docker(t, "network", "create", "--internal", name)
	defer docker(t, "network", "rm", name)
	for network, why := range map[string]string{name: "it exists as an internal network", "host": "it exists with the driver host, expected bridge"} {
		a := l.with("FLOWMAGE_NETWORKS="+network).run(t, 5, "deploy:containers", "-only=rpa1")
		if !strings.Contains(a.stderr, why) || !strings.Contains(a.stderr, "name another one under networks in envs/") {
			t.Error(a.stderr)
		}
	}
}

// occupied takes the ports at the network's gateway that the server is likely to have on loopback: the way there has to take another one.
func occupied(t *testing.T) {
	t.Helper()
	const name = "rpa-network"
	if exec.CommandContext(t.Context(), "docker", "network", "inspect", name).Run() != nil {
		docker(t, "network", "create", name)
	}
	gateway := docker(t, "network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name)
	for port := 4200; port < 4220; port++ {
		if taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort(gateway, strconv.Itoa(port))); err == nil {
			t.Cleanup(func() { _ = taken.Close() })
		}
	}
}
