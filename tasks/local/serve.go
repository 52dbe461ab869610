package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

// The program that serves flows, as the binary carries it and as it lies in .flowmage/bin.
const (
	serveSource = "python/serve.py"
	serveScript = "flowmage_serve.py"
)

// Served is a deployment that a program serves. The JSON names are those that templates/python/serve.py reads.
type Served struct {
	Name       string           `json:"name"`
	Entrypoint string           `json:"entrypoint"`
	Fields     map[string]any   `json:"fields"`    // more of what RunnerDeployment.from_flow takes, by its names; what is left out is the flow's own, or Prefect's default
	Schedules  []map[string]any `json:"schedules"` // in the words of Prefect's Schedule; intervals in seconds
	Paused     bool             `json:"paused"`

	Env map[string]string `json:"env"` // variables of its runs, and of its loading
}

// ServeSpec says what to serve, and how.
type ServeSpec struct {
	APIURL string   `json:"-"`
	Env    []string `json:"-"`      // more variables, as NAME=VALUE; they win
	Runner string   `json:"runner"` // its name, for Prefect's logs
	Limit  *int     `json:"limit"`  // runs at one time; nil: no limit
	Pause  bool     `json:"pause"`  // the deployments when the program ends
	Flows  []Served `json:"flows"`
}

// ServeEvent is something that the program tells.
type ServeEvent struct {
	Event  string `json:"event"` // one of the constants below
	Name   string `json:"name"`  // of the deployment
	ID     string `json:"id"`    // of the deployment, or of a run that is handed back
	Reason string `json:"reason"`
	Runs   int    `json:"runs"` // under way
}

// What a program that serves can tell.
const (
	Loading    = "loading"     // a flow is being loaded; when the program ends without another word, that is what ended it
	Broken     = "broken"      // a flow can't be loaded, and is left out
	Declined   = "refused"     // the server does not take a deployment, which is left out
	Serving    = "served"      // a deployment is on the server
	Nothing    = "nothing"     // no deployment is left to serve
	Ready      = "ready"       // it asks for runs from now on
	Away       = "away"        // the server does not answer; it is asked on
	Back       = "back"        // the server answers again
	Finishing  = "finishing"   // it asks no more, and waits for the runs under way
	HandedBack = "handed back" // a run was ended and will start again
)

// marked is how lines of events begin.
const marked = "flowmage: "

// Serve is a running program that serves flows.
type Serve struct {
	cmd   *exec.Cmd
	began time.Time
	mu    sync.Mutex
	stdin io.WriteCloser
	ended chan struct{}
	err   error
}

// StartServing starts a program that serves the flows. What flows say is written to out by whole lines; tell is called for each event,
// never twice at the same time. The program outlives ctx: order it to end, and wait for [Serve.Ended]. It ends by itself, in order, when
// this process is gone.
func (l *Local) StartServing(ctx context.Context, spec ServeSpec, out io.Writer, tell func(ServeEvent)) (*Serve, error) {
	env, unlock, err := l.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	order, err := json.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("writing down what to serve: %w", err)
	}
	cmd := exec.Command(env.Python, l.path("bin", serveScript)) //nolint:noctx // a cancelled command must let runs finish
	cmd.Dir, cmd.Env = l.folder.Root, l.serveEnviron(spec, env)
	cmd.WaitDelay = l.limits.stop // runs that outlive it may hold its streams
	identity.Separate(cmd)
	s := &Serve{cmd: cmd, ended: make(chan struct{})}
	if s.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting to serve: %w", err)
	}
	lines := &lineWriter{out: out, tell: tell}
	cmd.Stdout, cmd.Stderr = &lineEnds{to: lines}, &lineEnds{to: lines}
	s.began = time.Now()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting to serve: %w", err)
	}
	s.order(string(order))
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	return s, nil
}

// serveEnviron prefixes the flows' log lines with their flow, unless the user has a format of his own, and has a server on this machine
// asked for runs often.
func (l *Local) serveEnviron(spec ServeSpec, env interpreter.Env) interpreter.Variables {
	more := []string{"PREFECT_FLOWS_HEARTBEAT_FREQUENCY=" + heartbeatSeconds}
	if u, err := url.Parse(spec.APIURL); err == nil && credential.Loopback(u.Hostname()) {
		more = append(more, "PREFECT_RUNNER_POLL_FREQUENCY="+querySeconds)
	}
	for _, kind := range []string{"FLOW", "TASK"} {
		name := "PREFECT_LOGGING_FORMATTERS_STANDARD_" + kind + "_RUN_FMT"
		format := interpreter.Variables(l.environ).Get(name)
		if format == "" {
			format = "%(flow_name)s | %(asctime)s.%(msecs)03d | %(levelname)-7s | %(" + strings.ToLower(kind) + "_run_name)s - %(message)s"
		}
		more = append(more, name+"="+format)
	}
	return l.identified(l.python.ClientEnviron(env, spec.APIURL, append(more, spec.Env...)), env.Prefect)
}

// Finish has the program take no new runs and end with the last one under way.
func (s *Serve) Finish() { s.order("finish") }

// Replace is Finish for a program that another one follows: deployments are not paused.
func (s *Serve) Replace() { s.order("replace") }

// HandBack has the program end the runs under way and give them back, so that they start again when their flows are served again.
func (s *Serve) HandBack() { s.order("now") }

// Kill ends the program at once. Its runs go on without it.
func (s *Serve) Kill() { _ = s.cmd.Process.Kill() }

func (s *Serve) order(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.stdin, line+"\n") // one that is gone is told by Ended
}

// Ended is closed when the program has ended.
func (s *Serve) Ended() <-chan struct{} { return s.ended }

// Err tells how the program has ended; nil is in order.
func (s *Serve) Err() error { return s.err }

// Ran tells for how long the program has been there.
func (s *Serve) Ran() time.Duration { return time.Since(s.began) }

// PID is the number of the program's process.
func (s *Serve) PID() int { return s.cmd.Process.Pid }

// lineWriter parts events from what flows say.
type lineWriter struct {
	mu   sync.Mutex
	out  io.Writer
	tell func(ServeEvent)
}

func (w *lineWriter) line(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var e ServeEvent
	if rest, ok := strings.CutPrefix(text, marked); ok && json.Unmarshal([]byte(rest), &e) == nil {
		w.tell(e)
		return
	}
	_, _ = io.WriteString(w.out, text+"\n")
}

// lineEnds cuts one stream into lines. A line without end is held back until its rest comes, or it grows too long.
type lineEnds struct {
	to   *lineWriter
	rest []byte
}

// longest is how much of a line without end is kept.
const longest = 64 << 10

func (e *lineEnds) Write(p []byte) (int, error) {
	e.rest = append(e.rest, p...)
	for {
		line, rest, whole := bytes.Cut(e.rest, []byte("\n"))
		if !whole && len(line) < longest {
			return len(p), nil
		}
		e.to.line(strings.TrimRight(string(line), "\r"))
		e.rest = rest
	}
}
