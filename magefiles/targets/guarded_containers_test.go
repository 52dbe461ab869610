//go:build unix

package targets

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// stranger is a program that comes from a container without being given anything, and tells how it was answered.
const stranger = `
import http.client, sys
upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
for name, method, path, headers in [
    ("health", "GET", "/api/health", {}),
    ("version", "GET", "/api/version", {}),
    ("runs", "POST", "/api/flow_runs/filter", {"Content-Type": "application/json"}),
    ("another name", "GET", "/api/health", {"Host": "evil.example"}),
    ("a page", "GET", "/api/health", {"Origin": "http://evil.example"}),
    ("events in", "GET", "/api/events/in", upgrade),
    ("events out", "GET", "/api/events/out", upgrade),
]:
    connection = http.client.HTTPConnection(sys.argv[1], timeout=30)
    connection.request(method, path, "{}" if method == "POST" else None, headers)
    print(name + ":", connection.getresponse().status)
`

// container runs the flow in a container with the server's release of Prefect, as a worker starts it: what the run and its task tell the server goes by the way for containers, with
// what the worker hands on. A container that was handed nothing is refused there.
func (g *fortress) container(t *testing.T) {
	image := prerequisite.ServerImage(t)
	const network = "flowmage-" + guardedProject
	t.Cleanup(func() { removeNetwork(t, network) })
	g.edit(t, "flows/"+guardedFlow+"/Dockerfile", "FROM "+image+"\nWORKDIR /opt/flows\nCOPY flows ./flows\n")
	s := g.with("FLOWMAGE_CONTAINERS=on", "FLOWMAGE_KINDS=[python, container]", "FLOWMAGE_NETWORKS="+network)
	g.completed(t, idOf(t, s.run(t, 0, "flows:run", guardedFlow, "-kind=container", "-json").stdout))

	text, err := os.ReadFile(filepath.Join(g.root, ".flowmage", "run", "forwarder.json"))
	if err != nil {
		t.Fatal(err)
	}
	var way struct {
		Spec string
		Port int
	}
	if err := json.Unmarshal(text, &way); err != nil {
		t.Fatal(err)
	}
	gateway, _, err := net.SplitHostPort(way.Spec)
	if err != nil {
		t.Fatal(err)
	}
	at := net.JoinHostPort(gateway, strconv.Itoa(way.Port))
	want := "health: 200\nversion: 401\nruns: 401\nanother name: 403\na page: 403\nevents in: 403\nevents out: 403"
	if diff := cmp.Diff(want, docker(t, "run", "--rm", "--network", network, image, "python", "-c", stranger, at)); diff != "" {
		t.Error(diff)
	}
}

// removeNetwork takes a network away, once the last container in it, which lives a little longer than its run, has ended.
func removeNetwork(t *testing.T, name string) {
	t.Helper()
	run := func(args ...string) string {
		out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "docker", args...).CombinedOutput()
		if err != nil {
			t.Errorf("docker %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	await(t, "the last container ends", hangs, func() bool { return run("ps", "--quiet", "--filter", "network="+name) == "" })
	run("network", "rm", name)
	discardImages(t, guardedProject)
}
