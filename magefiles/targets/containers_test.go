//go:build unix

package targets

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestContainers takes the samples from nothing to completed runs in Docker, with an image to start from that comes from no registry.
func TestContainers(t *testing.T) { //nolint:tparallel // the steps build on each other
	t.Parallel()
	prerequisite.Server(t) // so that a bare `go test` does not install an environment
	base := prerequisite.Image(t)
	l := newLab(t).with("FLOWMAGE_CONTAINERS=on", "FLOWMAGE_PROJECT=containers-test", `FLOWMAGE_IMAGE__BUILD_ARGS={PYTHON_IMAGE: "`+base+`"}`)
	if !prerequisite.Full() {
		l = l.with("FLOWMAGE_PYTHON=" + prerequisite.Python(t)) // installing one anew is another test's business
	}
	for _, file := range []string{".dockerignore", "templates/python/requirements.lock"} {
		data, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		l.edit(t, file, string(data))
	}
	occupied(t)
	discardImages(t, "containers-test")
	t.Cleanup(func() { discardImages(t, "containers-test") })
	l.through(t, []step{
		{"both kinds of all flows", bothKinds},
		{"runs", containerRuns},
		{"nothing changed", nothingChanged},
		{"one flow's file changed", oneFileChanged},
		{"shared code changed", sharedCodeChanged},
		{"nothing of this machine stays", nothingStays},
		{"broken Dockerfiles", brokenDockerfiles},
		{"an interrupted build", interruptedBuild},
		{"Docker dies during a build", dockerDies},
		{"no image to start from", noBaseImage},
		{"a flow that its image can't import", unimportable},
		{"a flow without a Dockerfile", withoutDockerfile},
		{"registry", pushed},
		{"build and push steps of a hand-written manifest", imageSteps},
		{"a network that can't be used", wrongNetwork},
		{"clean", cleanImages},
	})
}

// docker runs Docker's command line.
func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// discardImages takes away a project's images, also those that another run has left behind.
func discardImages(t *testing.T, project string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	list, err := exec.CommandContext(ctx, "docker", "images", "-q", "--filter", "label=flowmage.project="+project).Output()
	if err == nil && len(list) > 0 {
		err = exec.CommandContext(ctx, "docker", append([]string{"rmi", "--force"}, strings.Fields(string(list))...)...).Run()
	}
	if err != nil {
		t.Log(err)
	}
}

// images gives the names of the project's images.
func images(t *testing.T) []string {
	t.Helper()
	list := strings.Fields(docker(t, "images", "--filter", "label=flowmage.project=containers-test", "--filter", "dangling=false", "--format", "{{.Repository}}:{{.Tag}}"))
	slices.Sort(list)
	return list
}

func bothKinds(t *testing.T, l *lab) {
	a := l.run(t, 0, "deploy:all")
	if strings.Count(a.stdout, "created   rpa") != 6 || strings.Count(a.stderr, "\nbuilt ") != 3 {
		t.Errorf("not 6 created and 3 built:\n%s\n%s", a.stdout, a.stderr)
	}
	if len(images(t)) != 4 {
		t.Error(images(t))
	}
	l.run(t, 0, "verify", "-env=dev")
}

func containerRuns(t *testing.T, l *lab) {
	api := l.client(t)
	for flow, report := range map[string]string{"rpa1": "sales_report.json", "rpa2": "validation_report.json", "rpa3": "orders_report.json"} {
		a := l.run(t, 0, "flows:run", flow, "-kind=container", "-json")
		var run struct {
			ID    string
			State string
		}
		_, result, _ := strings.Cut(a.stdout, "{") // behind what became of the deployment
		if err := json.Unmarshal([]byte("{"+result), &run); err != nil {
			t.Fatal(err, a.stdout)
		}
		if logs, err := api.Logs(t.Context(), run.ID, prefect.LogQuery{}); err != nil || len(logs) == 0 {
			t.Error("no log on the server", err)
		}
		path := filepath.Join(l.root, "flows", flow, "output", report)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode&0o600 != 0o600 {
			t.Errorf("%s has mode %o", report, mode)
		}
		if err := os.Remove(path); err != nil {
			t.Error("whoever deployed can't remove the report:", err)
		}
	}
}

func nothingChanged(t *testing.T, l *lab) {
	server, _ := l.status(t)
	before := images(t)
	c := &counter{}
	a := l.with(l.asking(t, c.serve(t, server.URL))...).run(t, 0, "deploy:containers")
	if strings.Count(a.stdout, "unchanged rpa") != 3 || len(c.writes) > 0 || strings.Contains(a.stderr, "built ") {
		t.Errorf("%v\n%s\n%s", c.writes, a.stdout, a.stderr)
	}
	if diff := cmp.Diff(before, images(t)); diff != "" {
		t.Error(diff)
	}
}

func oneFileChanged(t *testing.T, l *lab) {
	l.appendTo(t, "flows/rpa2/workflow.py", "\n# changed\n")
	a := l.run(t, 0, "deploy:containers")
	if strings.Count(a.stderr, "\nbuilt ") != 1 || strings.Count(a.stdout, "updated   rpa") != 1 || strings.Count(a.stdout, "unchanged rpa") != 2 {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
}

func sharedCodeChanged(t *testing.T, l *lab) {
	l.appendTo(t, "core/tasks.py", "\n# changed\n")
	a := l.run(t, 0, "deploy:containers")
	if strings.Count(a.stderr, "\nbuilt ") != 3 || strings.Count(a.stdout, "updated   rpa") != 3 {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
}

func (l *lab) appendTo(t *testing.T, file, text string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	l.edit(t, file, string(data)+text)
}

// nothingStays looks for the certificates and the index in the images.
func nothingStays(t *testing.T, _ *lab) {
	for _, name := range images(t) {
		if history := docker(t, "history", "--no-trunc", name); strings.Contains(history, "PIP_INDEX_URL") || strings.Contains(history, "ca.pem") {
			t.Errorf("%s:\n%s", name, history)
		}
		if found := docker(t, "run", "--rm", "--network=none", "--entrypoint", "sh", name, "-c", "find / -xdev -name 'ca.pem' -not -path '*/site-packages/*' 2>/dev/null; ls /tmp"); found != "" {
			t.Errorf("%s has %s", name, found)
		}
	}
}

// withoutDockerfile runs a flow whose Dockerfile is made from the template, with a package of its own.
func withoutDockerfile(t *testing.T, l *lab) {
	if err := os.Remove(filepath.Join(l.root, "flows", "extra", "Dockerfile")); err != nil {
		t.Fatal(err)
	}
	l.edit(t, "flows/extra/workflow.py", "import iniconfig\nfrom prefect import flow\n\n\n@flow(name=\"extra\")\ndef extra():\n    print(iniconfig)\n")
	l.edit(t, "flows/extra/requirements.txt", "iniconfig\n")
	l.with("FLOWMAGE_IMAGE__BASE="+prerequisite.Image(t)).run(t, 0, "flows:run", "extra", "-kind=container")
	if err := os.RemoveAll(filepath.Join(l.root, "flows", "extra")); err != nil {
		t.Fatal(err)
	}
}

// team is a part of the registry that no other run of the test has used.
func team(t *testing.T) string {
	t.Helper()
	return prerequisite.Registry(t) + "/team" + strconv.Itoa(os.Getpid())
}

func pushed(t *testing.T, l *lab) {
	registry := team(t)
	r := l.with("FLOWMAGE_IMAGE__REGISTRY="+registry, "FLOWMAGE_IMAGE__PIN=digest")
	a := r.run(t, 0, "deploy:containers", "-only=rpa1")
	if !strings.Contains(a.stderr, "pushed "+registry+"/containers-test-rpa1:") || !strings.Contains(a.stdout, "updated   rpa") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	for _, d := range l.deployments(t) {
		if image, _ := d.JobVariables["image"].(string); d.Name == "rpa1-container-dev" && !strings.HasPrefix(image, registry+"/containers-test-rpa1@sha256:") {
			t.Error(image)
		}
	}
	if a := r.run(t, 0, "deploy:containers", "-only=rpa1"); !strings.Contains(a.stdout, "unchanged rpa") || strings.Contains(a.stderr, "pushed ") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	r.run(t, 0, "flows:run", "rpa1", "-kind=container")
	movedTag(t, l.with("FLOWMAGE_IMAGE__REGISTRY="+registry))
	down := l.with("FLOWMAGE_IMAGE__REGISTRY=127.0.0.1:1/team").run(t, 5, "deploy:containers", "-only=rpa1")
	if !strings.Contains(down.stderr, "is the registry up") {
		t.Error(down.stderr)
	}
	l.run(t, 0, "deploy:containers")
}

func imageSteps(t *testing.T, l *lab) {
	name := team(t) + "/hand"
	l.edit(t, "hand/Dockerfile", "FROM "+prerequisite.Image(t)+"\nCOPY a /\n")
	l.edit(t, "hand/a", "1")
	l.edit(t, "prefect.yaml", `build:
  - prefect_docker.deployments.steps.build_docker_image:
      {id: image, requires: prefect-docker, image_name: `+name+`, path: hand, tag: dev, additional_tags: [v1]}
push:
  - prefect_docker.deployments.steps.push_docker_image:
      {image_name: "{{ image.image_name }}", tag: "{{ image.tag }}", additional_tags: "{{ image.additional_tags }}"}
deployments:
  - name: by-hand
    entrypoint: flows/rpa1/workflow.py:rpa1_workflow
    work_pool: {name: containers-test-dev-containers, job_variables: {image: "{{ image.image }}"}}
`)
	args := []string{"deploy:all", "-file=prefect.yaml", "-project=hand"}
	a := l.run(t, 0, args...)
	if !strings.Contains(a.stdout, "created   by-hand") || strings.Count(a.stderr, "\nbuilt ") != 1 || strings.Count(a.stderr, "\npushed ") != 2 {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	d, err := l.client(t).DeploymentByName(t.Context(), "rpa1", "by-hand")
	if err != nil || d.JobVariables["image"] != name+":dev" {
		t.Error(d.JobVariables, err)
	}
	a = l.run(t, 0, args...)
	if !strings.Contains(a.stdout, "unchanged by-hand") || strings.Contains(a.stderr, "\nbuilt ") || strings.Contains(a.stderr, "\npushed ") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	l.edit(t, "hand/a", "2")
	l.edit(t, "hand/Dockerfile", "FROM "+prerequisite.Image(t)+"\nCOPY b /\n")
	if a = l.run(t, 6, args...); !strings.Contains(a.stderr, "Step 3/3 : COPY b /") || !strings.Contains(a.stdout, "failed    by-hand") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	l.with("FLOWMAGE_PROJECT=hand").run(t, 0, "deploy:clean", "-images", "-yes")
}

func cleanImages(t *testing.T, l *lab) {
	if a := l.run(t, 0, "env:images"); !strings.Contains(a.stdout, "containers-test-rpa1:") {
		t.Error(a.stdout)
	}
	l.run(t, 0, "deploy:clean", "-images", "-yes")
	if left := docker(t, "images", "-q", "--filter", "label=flowmage.project=containers-test"); left != "" {
		t.Error(left)
	}
}
