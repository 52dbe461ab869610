package local

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
)

// The names of records. A worker's is workerPrefix with its pool's name, escaped.
const (
	serverName    = "server"
	workerPrefix  = "worker-"
	forwarderName = "forwarder"
)

// record is what is known of a process that we started. It lies in run/<name>.json.
type record struct {
	Name    string
	PID     int
	Born    int64    // when the process came to be, in milliseconds since 1970, as the system tells
	Home    string   // the .flowmage folder it works for
	Command []string // as started
	Env     string   // ID of the Python environment
	Port    int      // of a server
	Spec    string   // digest of what a worker was asked to be
	Log     string
	Ready   bool   // it has answered once, and was proven to be ours
	Guard   string // of a server: how it is guarded, see [Local.guard]; empty for those of earlier builds, which ask for no password
}

// newRecord describes a process that was just started.
func newRecord(ctx context.Context, name string, cmd *exec.Cmd) record {
	born, _ := identity.Birth(ctx, cmd.Process.Pid)
	return record{Name: name, PID: cmd.Process.Pid, Born: born, Command: cmd.Args}
}

func workerName(pool string) string { return workerPrefix + url.QueryEscape(pool) }

// title is a name for people.
func title(name string) string {
	if pool, ok := poolOf(name); ok {
		return "worker for pool " + pool
	}
	if name == forwarderName {
		return "way from containers to the server"
	}
	return "Prefect " + name
}

// poolOf gives the pool of a worker's record.
func poolOf(name string) (pool string, ok bool) {
	escaped, ok := strings.CutPrefix(name, workerPrefix)
	if text, err := url.QueryUnescape(escaped); err == nil {
		return text, ok
	}
	return escaped, ok
}

// workerOf is the name by which the server knows the worker of a pool.
func workerOf(pool string) string { return "local-" + pool }

func (l *Local) recordPath(name string) string { return l.path("run", name+".json") }

// save writes a record; its home is ours.
func (l *Local) save(r record) error {
	r.Home = l.folder.Dir
	return folder.WriteJSON(l.recordPath(r.Name), r)
}

// forget removes a record. A record that can't be removed tells of a dead process, which does no harm.
func (l *Local) forget(name string) { _ = os.Remove(l.recordPath(name)) }

// recorded gives the names that have a record of a server or worker.
func (l *Local) recorded() []string {
	var names []string
	files, _ := filepath.Glob(l.path("run", "*.json"))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		if name == serverName || name == forwarderName || strings.HasPrefix(name, workerPrefix) {
			names = append(names, name)
		}
	}
	return names
}

// process describes a record for callers.
func (r record) process() Process {
	p := Process{Name: title(r.Name), PID: r.PID, Started: time.UnixMilli(r.Born), Log: r.Log}
	if pool, ok := poolOf(r.Name); ok {
		p.Worker = workerOf(pool)
	}
	return p
}

func (r record) id() identity.ID { return identity.ID{PID: r.PID, Born: r.Born} }

// alive tells whether the process of a record still runs. One of another user is never the one that was meant.
func (r record) alive(ctx context.Context) bool { return r.id().Ours(ctx) }

// live gives the record of a process of ours that runs. The record may be missing although the process is there, when a
// command was killed between start and note, or when the clock was set: then the process is found by its command line.
func (l *Local) live(ctx context.Context, name string) (record, bool) {
	if r, ok := l.noted(ctx, name); ok {
		return r, true
	}
	r, ok := l.scan(ctx)[name]
	if ok {
		_ = l.save(r) // the next look is cheap; without the note it is only slower
	}
	return r, ok
}

// noted gives the process of a record, if it runs and is ours. A stale record counts for nothing, nor does one that came
// here with a copy of the folder; the server of a folder that was moved here is ours, though it must be started anew.
func (l *Local) noted(ctx context.Context, name string) (record, bool) {
	r, ok := folder.ReadJSON[record](l.recordPath(name))
	if !ok || r.Name != name || !l.folder.Trusted() {
		return record{}, false
	}
	if r.alive(ctx) && (r.Home == l.folder.Dir || !folder.Exists(r.Home)) {
		return r, true
	}
	return record{}, false
}

// scan looks through all processes for servers and workers that carry our mark, by name. It takes tens of milliseconds.
func (l *Local) scan(ctx context.Context) map[string]record {
	found := map[string]record{}
	for pid, command := range identity.Commands(ctx) {
		name := l.label(command)
		if name == "" || !identity.Ours(ctx, pid) {
			continue
		}
		born, ok := identity.Birth(ctx, pid)
		if older, doubled := found[name]; !ok || doubled && older.Born <= born {
			continue
		}
		found[name] = record{
			Name: name, PID: pid, Born: born, Home: l.folder.Dir, Command: command, Port: portOf(command), Log: l.logPath(name),
		}
	}
	return found
}

// all gives every server and worker of ours that runs, workers first, then by name.
func (l *Local) all(ctx context.Context) []record {
	found := l.scan(ctx)
	for _, name := range l.recorded() {
		if r, ok := l.noted(ctx, name); ok {
			found[name] = r
		}
	}
	// "worker-…" sorts after "server".
	return slices.SortedFunc(maps.Values(found), func(a, b record) int { return cmp.Compare(b.Name, a.Name) })
}
