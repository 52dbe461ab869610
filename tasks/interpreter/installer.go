package interpreter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
)

// installer is what is known of an installer at work. It lies in run/installer.json.
type installer struct {
	Name    string
	PID     int
	Born    int64  // when the process came to be, in milliseconds since 1970
	Home    string // the .flowmage folder it works for
	Command []string
}

func (i *Installation) installerPath() string { return i.folder.Path("run", "installer.json") }

// note puts a process that was just started on record.
func (i *Installation) note(ctx context.Context, cmd *exec.Cmd) error {
	id, _ := identity.Of(ctx, cmd.Process.Pid)
	return folder.WriteJSON(i.installerPath(), installer{"installer", cmd.Process.Pid, id.Born, i.folder.Dir, cmd.Args})
}

func (i *Installation) forget() { _ = os.Remove(i.installerPath()) }

// noted gives the installer on record, if it runs and is ours; not one whose record came here with a copy of the folder.
func (i *Installation) noted(ctx context.Context) (identity.ID, bool) {
	r, ok := folder.ReadJSON[installer](i.installerPath())
	id := identity.ID{PID: r.PID, Born: r.Born}
	return id, ok && i.folder.Trusted() && id.Ours(ctx) && (r.Home == i.folder.Dir || !folder.Exists(r.Home))
}

// Stop ends a process and what it started; title says for people what it is.
func Stop(ctx context.Context, id identity.ID, title string, patience time.Duration) error {
	err := id.Stop(context.WithoutCancel(ctx), patience) // what is half-stopped helps nobody, and the wait is bounded
	if err == nil {
		return nil
	}
	if errors.Is(err, identity.ErrStays) {
		err = nil
	}
	return &fault.Error{
		Code: fault.Unexpected, What: "can't stop the " + title, Where: fmt.Sprintf("process %d", id.PID), Err: err,
		Next: "end that process yourself (it may belong to another user), then try again",
	}
}

// EndInstaller ends an installer that outlived the command which started it. We hold the lock, so nobody waits for it.
func (i *Installation) EndInstaller(ctx context.Context) error {
	defer i.forget()
	if id, ok := i.noted(ctx); ok {
		if err := Stop(ctx, id, "Prefect installer", i.limits.stop); err != nil {
			return err
		}
	}
	for pid, command := range identity.Commands(ctx) {
		if !i.installs(command) {
			continue
		}
		if id, ok := identity.Of(ctx, pid); ok {
			id.End(ctx) // those of others are left alone
		}
	}
	return nil
}

// installs tells whether a command line is that of an installer working on our environment.
func (i *Installation) installs(command []string) bool {
	ours := slices.ContainsFunc(command, func(arg string) bool {
		return arg == i.folder.Path("python") || strings.HasPrefix(arg, i.folder.Path("python")+string(filepath.Separator)) || arg == i.folder.Path("uv")
	})
	return ours && slices.ContainsFunc(command, func(arg string) bool {
		return slices.Contains([]string{"venv", "pip", "ensurepip", "compileall"}, arg)
	})
}
