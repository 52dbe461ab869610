package local

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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
