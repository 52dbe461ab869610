package local

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

// State is how a server is doing.
type State string

// The states of a server.
const (
	Stopped   State = "stopped"
	Starting  State = "starting"
	Running   State = "running"
	Unhealthy State = "unhealthy" // it runs and does not answer
)

// Status is what there is.
type Status struct {
	Home    string             `json:"home"`
	Python  interpreter.Status `json:"python"`
	Server  ServerStatus       `json:"server"`
	Workers []Process          `json:"workers"` // the running ones
}

// ServerStatus describes the server; for a stopped one only State is filled.
type ServerStatus struct {
	State State  `json:"state"`
	URL   string `json:"url"`
	UI    string `json:"ui"`
	Process
}

// Status looks, and changes nothing: no lock is taken and nothing is started or written.
func (l *Local) Status(ctx context.Context) (Status, error) {
	s := Status{Home: l.folder.Dir, Server: ServerStatus{State: Stopped}, Workers: []Process{}}
	var err error
	if s.Python, err = l.python.Status(); err != nil {
		return Status{}, err
	}
	for _, r := range l.all(ctx) {
		if r.Name == forwarderName {
			continue
		}
		if strings.HasPrefix(r.Name, workerPrefix) {
			s.Workers = append(s.Workers, l.kept(ctx, r))
			continue
		}
		server := l.served(r, false)
		s.Server = ServerStatus{State: l.stateOf(ctx, r), URL: server.URL, UI: server.UI, Process: server.Process}
	}
	return s, ctx.Err()
}

// kept describes a worker with its present process, which is a child of the one on record.
func (l *Local) kept(ctx context.Context, r record) Process {
	p := r.process()
	keeper, err := process.NewProcessWithContext(ctx, int32(r.PID)) //nolint:gosec // process numbers fit
	if err != nil {
		return p
	}
	children, err := keeper.ChildrenWithContext(ctx)
	if err != nil {
		return p
	}
	for _, child := range children {
		command, err := child.CmdlineSliceWithContext(ctx)
		if born, ok := identity.Birth(ctx, int(child.Pid)); err == nil && ok && slices.Contains(command, l.path("bin", launcher)) {
			p.WorkerPID, p.WorkerFrom = int(child.Pid), time.UnixMilli(born)
		}
	}
	return p
}

// Recorded gives the server that was started here and whose process is alive, without asking whether it answers. One that the next Up starts
// anew is not given.
func (l *Local) Recorded(ctx context.Context) (Server, bool) {
	r, ok := l.noted(ctx, serverName)
	if !ok || !r.Ready || r.Home != l.folder.Dir || !l.guarded(r) {
		return Server{}, false
	}
	return l.served(r, false), true
}

// Answering gives the server that runs here, for commands that only look: nothing is started, and one that is starting or busy is
// waited for as Up waits. The state is Running when it answers, Stopped when there is none, Unhealthy when it stays silent; then
// the Server is known too. The one at the address answered is not asked again.
func (l *Local) Answering(ctx context.Context, answered string) (Server, State, error) {
	r, ok := l.noted(ctx, serverName)
	if !ok {
		if r, ok = l.scan(ctx)[serverName]; !ok {
			return Server{}, Stopped, ctx.Err()
		}
	}
	if l.answersAtOnce(ctx, r, answered) {
		return l.served(r, false), Running, nil
	}
	how, err := l.waitFor(ctx, r)
	switch {
	case err != nil:
		return Server{}, Unhealthy, err
	case how == died:
		return Server{}, Stopped, nil
	case how == silent:
		return l.served(r, false), Unhealthy, nil
	}
	return l.served(r, false), Running, nil
}

// Ended tells that no server runs that was started here and noted.
func (l *Local) Ended(ctx context.Context) bool {
	_, ok := l.noted(ctx, serverName)
	return !ok
}

func (l *Local) stateOf(ctx context.Context, r record) State {
	switch {
	case l.healthy(ctx, r, 5*time.Second):
		return Running
	case !r.Ready && time.Since(time.UnixMilli(r.Born)) < l.limits.start:
		return Starting
	default:
		return Unhealthy
	}
}

// LogFile is the output of something that was started here.
type LogFile struct {
	Name string // short: server, worker-rpa, install
	Path string
}

// Open opens the log. What is there and was not written on this machine is refused.
func (f LogFile) Open() (*os.File, error) { return folder.Open(f.Path) }

// Logs gives the log files that there are, by name. What ended left its log behind; that of the start before is not among them.
func (l *Local) Logs() []LogFile {
	paths, _ := filepath.Glob(l.path("logs", "*.log")) // the pattern is well formed
	slices.Sort(paths)
	out := make([]LogFile, 0, len(paths))
	for _, path := range paths {
		out = append(out, LogFile{Name: strings.TrimSuffix(filepath.Base(path), ".log"), Path: path})
	}
	return out
}
