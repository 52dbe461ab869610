package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

const flowSource = `from prefect import flow, task


@task
def step(n: int) -> int:
    return n + 1


@flow(name="bench-%[1]d-%[2]d")
def run(count: int = %[2]d, note: str | None = None) -> int:
    """Count.

    Args:
        count: Where to start.
    """
    return step(count)
`

// settle is how long a deploy is given before the next one: within two seconds of another's receipt a deploy reads everything twice,
// and the clock of a busy server, by which that is told, is a second or two late.
const settle = 6 * time.Second

// quiet is the rest where nothing is deployed, or little: what a server does after it has answered ends meanwhile.
const quiet = time.Second

// unverified leaves out the look at server, workers and UI that follows a deploy, which no other contender takes.
const unverified = "-verify=false"

// many is a repository of n flows in place of the samples, with a project of its own and one schedule for each deployment.
type many struct {
	*lab
	n       int
	project string
	flows   []string
}

// plant writes n flows and the settings for them.
func (l *lab) plant(n int) (*many, error) {
	m := &many{lab: l, n: n, project: fmt.Sprintf("bench%d", n)}
	if err := os.RemoveAll(filepath.Join(l.root, "flows")); err != nil {
		return nil, err
	}
	files := map[string]string{
		"envs/base.yaml": "project: " + m.project + "\ntags: [bench]\nenv: {LEVEL: info}\nschedules: [{cron: \"0 6 * * *\", timezone: Europe/Berlin}]\n",
		"envs/dev.yaml":  "{}\n",
	}
	for i := range n {
		m.flows = append(m.flows, fmt.Sprintf("bench-%d-%d", n, i))
		files[fmt.Sprintf("flows/f%05d/workflow.py", i)] = fmt.Sprintf(flowSource, n, i)
	}
	for name, text := range files {
		path := filepath.Join(l.root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a scratch folder
			return nil, err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *many) tag() string { return "flowmage:" + m.project + "/dev" }

// ours is the tool as a user types it.
func (m *many) ours(ctx context.Context, args ...string) contender {
	return contender{name: typed(args), run: func(api string) (turn, error) { return m.tool(ctx, api, args...) }}
}

func typed(args []string) string { return "`mage " + strings.Join(args, " ") + "`" }

// floor is the read of everything that a plan must know.
func (m *many) floor(ctx context.Context) (contender, error) {
	self, err := os.Executable()
	return contender{name: floorName, mirrors: true, run: func(api string) (turn, error) {
		return m.exec(ctx, nil, self, floorWord, api, m.tag())
	}}, err
}

// peer is Prefect's own command line, on deployments of the same flows by other names.
func (m *many) peer(ctx context.Context) (contender, error) {
	const manifest = "prefect.cli.yaml"
	err := foreignManifest(filepath.Join(m.root, "prefect.dev.yaml"), filepath.Join(m.root, manifest), m.tag())
	return contender{name: peerName, run: func(api string) (turn, error) {
		return m.prefect(ctx, api, "deploy", "--all", "--prefect-file", manifest)
	}}, err
}

// standing gives n deployments that are on the server already, and that all contenders agree about.
func (l *lab) standing(ctx context.Context, n int) (*many, error) {
	m, err := l.plant(n)
	if err != nil {
		return nil, err
	}
	if _, err := m.tool(ctx, l.url, "deploy:all", unverified); err != nil {
		return nil, err
	}
	return m, m.agree(ctx, l.url, n)
}

// unchanged deploys n deployments that are there already, next to the floor.
func unchanged(ctx context.Context, l *lab, n, rounds int) ([]row, error) {
	m, err := l.standing(ctx, n)
	if err != nil {
		return nil, err
	}
	floor, err := m.floor(ctx)
	if err != nil {
		return nil, err
	}
	ours := m.twice(deployAll, func(l *lab, api string) (turn, error) { return l.tool(ctx, api, "deploy:all") })
	return measured(ctx, race{
		job: fmt.Sprintf("%d deployments, unchanged", n), api: l.url, rounds: rounds, rest: quiet, contenders: append(ours, floor),
	})
}

// against deploys n deployments that are there already, next to Prefect's own command line.
func against(ctx context.Context, l *lab, where, api string, n, rounds int) ([]row, error) {
	m, err := l.plant(n)
	if err != nil {
		return nil, err
	}
	if _, err := m.tool(ctx, api, "deploy:all", unverified); err != nil {
		return nil, err
	}
	floor, err := m.floor(ctx)
	if err != nil {
		return nil, err
	}
	peer, err := m.peer(ctx)
	if err != nil {
		return nil, err
	}
	ours := m.twice(deployAll, func(l *lab, api string) (turn, error) { return l.tool(ctx, api, "deploy:all") })
	return measured(ctx, race{
		job: fmt.Sprintf("%d deployments, unchanged%s", n, where), api: api, rounds: rounds, rest: settle, contenders: append(ours, floor, peer),
	})
}

// onStock is [against] on a server without the remedy for slow time zones.
func onStock(ctx context.Context, l *lab, n, rounds int) ([]row, error) {
	server, err := l.stock(ctx)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	return against(ctx, l, ", stock server", server.API, n, rounds)
}

// oneChanged changes a parameter of one of n deployments, to and fro.
func oneChanged(ctx context.Context, l *lab, n, rounds int) ([]row, error) {
	m, err := l.standing(ctx, n)
	if err != nil {
		return nil, err
	}
	turns := 0
	change := func(string) error {
		turns++
		text := fmt.Sprintf("flows: {%s: {parameters: {count: %d}}}\n", m.flows[n/2], turns)
		return os.WriteFile(filepath.Join(m.root, "envs", "dev.yaml"), []byte(text), 0o600)
	}
	contenders := m.twice(typed([]string{"deploy:all", unverified}), func(l *lab, api string) (turn, error) {
		return l.tool(ctx, api, "deploy:all", unverified)
	})
	for i := range contenders {
		contenders[i].before = change
	}
	r := race{job: fmt.Sprintf("1 changed of %d", n), api: l.url, rounds: rounds, rest: settle}
	floor, err := m.repeating(ctx, r, contenders[0])
	if err != nil {
		return nil, err
	}
	r.contenders = slices.Concat(contenders, []contender{floor})
	return measured(ctx, r)
}

// repeating is a floor that sends again whatever a contender has sent in one turn. What that has changed is changed again whenever others have
// changed it meanwhile.
func (m *many) repeating(ctx context.Context, r race, c contender) (contender, error) {
	self, err := os.Executable()
	if err != nil {
		return contender{}, err
	}
	calls, err := r.fewest(ctx, c)
	if err != nil {
		return contender{}, err
	}
	file := filepath.Join(m.root, "again.json")
	return contender{name: "floor: the same reads and writes again, in the same order", run: func(api string) (turn, error) {
		return m.exec(ctx, nil, self, againWord, api, file)
	}}, repeatable(calls, file)
}

// firstDeploy creates n deployments, whose flows exist from the time before. The floor sends the same creations, once for each
// number of writers; without any, Prefect's own command line is the other contender.
func firstDeploy(ctx context.Context, l *lab, where, api string, n, rounds int, writers ...int) ([]row, error) {
	m, err := l.plant(n)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bodies := filepath.Join(m.root, "bodies.jsonl")
	if err := m.record(ctx, api, bodies); err != nil {
		return nil, err
	}
	if err := m.stayingPool(ctx, api); err != nil {
		return nil, err
	}
	contenders := m.twice(typed([]string{"deploy:all", unverified}), func(l *lab, api string) (turn, error) {
		return l.tool(ctx, api, "deploy:all", unverified)
	})
	for _, w := range writers {
		contenders = append(contenders, contender{name: fmt.Sprintf("floor: the same creations, %d at once", w), run: func(api string) (turn, error) {
			return m.exec(ctx, nil, self, replayWord, api, bodies, strconv.Itoa(w))
		}})
	}
	if len(writers) == 0 {
		peer, err := m.peer(ctx)
		if err != nil {
			return nil, err
		}
		contenders = append(contenders, peer)
	}
	for i := range contenders {
		contenders[i].before = func(api string) error { return m.wipe(ctx, api) }
	}
	return measured(ctx, race{job: fmt.Sprintf("first deploy of %d%s", n, where), api: api, rounds: rounds, rest: settle, contenders: contenders})
}

// stayingPool makes a work pool that is not ours, so that cleaning up leaves it: only we make one where none is.
func (m *many) stayingPool(ctx context.Context, api string) error {
	if err := m.wipe(ctx, api); err != nil {
		return err
	}
	client, err := prefect.New(prefect.Options{URL: api})
	if err != nil {
		return err
	}
	_, err = client.CreateWorkPool(ctx, prefect.WorkPool{Name: m.project + "-dev", Type: "process"})
	return err
}

// wipe deletes the deployments of all contenders. The server goes on with that for a while: rest before anything is measured.
func (m *many) wipe(ctx context.Context, api string) error {
	if _, err := m.tool(ctx, api, "deploy:clean", "-yes"); err != nil {
		return err
	}
	client, err := prefect.New(prefect.Options{URL: api})
	if err != nil {
		return err
	}
	left, err := client.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{"cli"}})
	if err != nil {
		return err
	}
	for _, d := range left {
		if err := client.DeleteDeployment(ctx, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// onCluster is [firstDeploy] on Postgres and Redis with two API processes.
func onCluster(ctx context.Context, l *lab, n, rounds int, writers ...int) ([]row, error) {
	c, err := l.cluster(ctx)
	if err != nil {
		return nil, err
	}
	defer c.stop(ctx)
	where := ", Postgres, Redis, 2 API processes"
	if len(writers) == 0 {
		where += besidePeer
	}
	return firstDeploy(ctx, l, where, c.api, n, rounds, writers...)
}
