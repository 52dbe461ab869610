package local

import (
	"context"
	"maps"
	"slices"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
)

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
	all, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return found
	}
	for _, p := range all {
		command, err := p.CmdlineSliceWithContext(ctx)
		if err != nil {
			continue
		}
		name := l.label(command)
		if name == "" || !identity.Ours(ctx, int(p.Pid)) {
			continue
		}
		born, ok := identity.Birth(ctx, int(p.Pid))
		if older, doubled := found[name]; !ok || doubled && older.Born <= born {
			continue
		}
		found[name] = record{
			Name: name, PID: int(p.Pid), Born: born, Home: l.folder.Dir, Command: command, Port: portOf(command), Log: l.logPath(name),
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
	names := slices.Sorted(maps.Keys(found))
	slices.Reverse(names)
	out := make([]record, 0, len(names))
	for _, name := range names {
		out = append(out, found[name])
	}
	return out
}
