package local

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/wait"
)

// WorkerSpec says which worker is wanted.
type WorkerSpec struct {
	Pool   string   // the work pool; it should exist, or Prefect makes one with its own defaults
	Type   string   // process, docker …; empty: process
	APIURL string   // of the server, as in [Server.URL]
	Env    []string // more variables for the worker, as NAME=VALUE; they win
	Name   string   // of a worker in the foreground; empty: one of its own
	Limit  int      // runs at one time; 0: no limit
}

// querySeconds is how often a worker asks for runs. Prefect's default of ten makes a first run look stuck.
const querySeconds = "1"

// heartbeatSeconds is how often a run gives a sign of life, by which a dead one is noticed: the least that Prefect takes.
const heartbeatSeconds = "30"

// Worker makes sure that a worker for the pool runs in the background and has reported to the server. One that runs already is kept,
// unless it was started for another server or from another environment. It is looked after: what ends, or falls silent, is started again,
// after a second at first, then after twice as long each time, at most a minute. It needs no Up before it, but a server at w.APIURL.
func (l *Local) Worker(ctx context.Context, w WorkerSpec) (Process, error) {
	env, unlock, err := l.enter(ctx)
	if err != nil {
		return Process{}, err
	}
	defer unlock()
	name, spec := workerName(w.Pool), w.digest()
	r, ok := l.live(ctx, name)
	if ok && r.Home == l.folder.Dir && r.Env == env.ID && r.Spec == spec && r.Ready {
		return r.process(), nil
	}
	if ok {
		if err := l.stop(ctx, r); err != nil {
			return Process{}, err
		}
	}
	return l.startWorker(ctx, w, env)
}

func (l *Local) startWorker(ctx context.Context, w WorkerSpec, env interpreter.Env) (Process, error) {
	step := l.console.Begin("starting a worker for pool %s", w.Pool)
	args := append([]string{"keep"}, w.args(workerOf(w.Pool))...)
	r, err := l.launch(ctx, workerName(w.Pool), l.folder.Root, env, l.workerEnviron(w, env), args, record{Spec: w.digest()})
	if err != nil {
		return Process{}, step.Failed(err)
	}
	limit := time.Now().Add(l.limits.worker)
	for !l.online(ctx, w, r) {
		switch {
		case ctx.Err() != nil:
			return Process{}, step.Failed(ctx.Err())
		case !r.alive(ctx):
			step.Fail()
			l.forget(r.Name)
			return Process{}, workerFault(w, r, "it ended while starting:\n"+lastLines(r.Log, 8))
		case time.Now().After(limit):
			step.Fail()
			if err := l.stop(ctx, r); err != nil {
				return Process{}, err
			}
			why := fmt.Sprintf("it did not report to %s within %s:\n%s", w.APIURL, l.limits.worker, lastLines(r.Log, 8))
			return Process{}, workerFault(w, r, why)
		}
		wait.For(ctx, 200*time.Millisecond)
	}
	r.Ready = true
	if err := l.save(r); err != nil {
		return Process{}, step.Failed(l.folder.Unwritable(err))
	}
	step.Done("a worker for pool %s is running", w.Pool)
	return r.process(), nil
}

// WorkerCommand gives a worker to run in the foreground; the caller sets its streams and runs it. It hears no Ctrl-C of the
// terminal: when the context ends it is asked to end, lets its runs finish for a while, and is killed then. It ends by itself, in order,
// when this process is gone.
func (l *Local) WorkerCommand(ctx context.Context, w WorkerSpec) (*exec.Cmd, error) {
	env, unlock, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	name := w.Name
	if name == "" {
		name = workerOf(w.Pool) + "-" + strconv.Itoa(os.Getpid())
	}
	cmd := exec.CommandContext(ctx, env.Python, l.boundArgs(w.args(name)...)...)
	cmd.Dir, cmd.Env = l.folder.Root, l.workerEnviron(w, env)
	if _, err := cmd.StdinPipe(); err != nil { // it is closed when this process ends, or when the worker has ended
		return nil, fmt.Errorf("preparing a worker: %w", err)
	}
	// Prefect takes a second signal as an order to drop everything: a terminal's Ctrl-C must not reach it beside ours.
	identity.Separate(cmd)
	cmd.Cancel = func() error { return identity.Ask(cmd.Process.Pid) }
	cmd.WaitDelay = l.limits.stop
	return cmd, nil
}

func (w WorkerSpec) args(name string) []string {
	poolType := cmp.Or(w.Type, kind.ProcessPool)
	args := []string{"worker", "start", "--pool", w.Pool, "--type", poolType, "--name", name, "--install-policy", "never"}
	if w.Limit > 0 {
		args = append(args, "--limit", strconv.Itoa(w.Limit))
	}
	return args
}

func (w WorkerSpec) digest() string {
	return folder.Digest([]byte(w.Pool), []byte(w.Type), []byte(w.APIURL), []byte(strings.Join(w.Env, "\x00")), []byte(strconv.Itoa(w.Limit)))[:16]
}

func (l *Local) workerEnviron(w WorkerSpec, env interpreter.Env) interpreter.Variables {
	more := append([]string{"PREFECT_WORKER_QUERY_SECONDS=" + querySeconds, "PREFECT_FLOWS_HEARTBEAT_FREQUENCY=" + heartbeatSeconds}, w.Env...)
	return l.identified(l.python.ClientEnviron(env, w.APIURL, more), env.Prefect)
}

// online tells whether the server has heard of the worker since it was started. Where the server doesn't let us ask, a worker
// that lives on for a while is taken for one.
func (l *Local) online(ctx context.Context, w WorkerSpec, r record) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	response, err := l.post(ctx, w, "/work_pools/"+url.PathEscape(w.Pool)+"/workers/filter", "{}")
	if err != nil {
		return false
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden {
		return r.alive(ctx) && time.Since(time.UnixMilli(r.Born)) > 8*time.Second
	}
	var workers []struct {
		Name string    `json:"name"`
		Seen time.Time `json:"last_heartbeat_time"`
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil || json.Unmarshal(data, &workers) != nil {
		return false
	}
	for _, worker := range workers {
		if worker.Name == workerOf(w.Pool) && worker.Seen.UnixMilli() >= r.Born-identity.Slack {
			return true
		}
	}
	return false
}

func workerFault(w WorkerSpec, r record, why string) error {
	return &fault.Error{
		Code: fault.Server, What: fmt.Sprintf("the worker for pool %q does not start", w.Pool), Where: r.Log, Why: why,
		Next: "read the log named above; the pool must be of the worker's type, and the server must be reachable",
	}
}
