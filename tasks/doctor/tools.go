package doctor

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/shirou/gopsutil/v4/disk"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/session"
)

// number finds a release in what a program says of itself.
var number = pattern.New(`\d+\.\d+(\.\d+)?\S*`)

// tools asks the programs that this tool works with for their versions.
func tools(ctx context.Context, s *session.Session) []Tool {
	programs := []struct {
		name    string
		command []string
	}{
		{"git", []string{"git", "--version"}},
		{"python", []string{"python3", "--version"}},
		{"uv", []string{"uv", "--version"}},
		{"docker", []string{"docker", "version", "--format", "{{.Server.Version}}"}},
		{"go", []string{"go", "version"}},
	}
	out := make([]Tool, 0, len(programs))
	for _, t := range programs {
		out = append(out, lookForTool(ctx, s, t.name, t.command))
	}
	return out
}

func lookForTool(ctx context.Context, s *session.Session, name string, command []string) Tool {
	t := Tool{Name: name}
	path, err := exec.LookPath(command[0])
	if err != nil {
		t.Problem = "not on the PATH"
		return t
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, command[1:]...)
	// Not in the repository: there a file may say which release of a tool is meant, and have it fetched or run.
	cmd.Dir, cmd.Env, cmd.WaitDelay = filepath.VolumeName(s.Root)+string(filepath.Separator), append(credential.Public(s.Environ), "GOTOOLCHAIN=local"), time.Second
	text, err := cmd.CombinedOutput()
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	switch {
	case ctx.Err() != nil:
		t.Problem = "it does not answer"
	case err != nil:
		t.Problem = "it fails: " + first
	default:
		t.Version = number.FindString(first)
	}
	return t
}

// disks tells the room where things are written.
func disks(ctx context.Context, s *session.Session) []Disk {
	var out []Disk
	for _, path := range []string{s.Root, os.TempDir()} {
		use, err := disk.UsageWithContext(ctx, path)
		if err == nil {
			out = append(out, Disk{Path: path, Free: use.Free, Inodes: use.InodesUsedPercent})
		}
	}
	return out
}

// packagesOf reads which packages an environment holds from the folders that installers leave, without starting its Python.
func packagesOf(python string) map[string]string {
	out := map[string]string{}
	home := filepath.Dir(filepath.Dir(python))
	for _, pattern := range []string{"lib/python3.*/site-packages/*.dist-info", "Lib/site-packages/*.dist-info"} {
		found, err := filepath.Glob(filepath.Join(home, filepath.FromSlash(pattern)))
		if err != nil {
			continue
		}
		for _, folder := range found {
			name, version, ok := strings.Cut(strings.TrimSuffix(filepath.Base(folder), ".dist-info"), "-")
			if ok {
				out[strings.ToLower(strings.ReplaceAll(name, "_", "-"))] = version
			}
		}
	}
	return out
}

// imagePrefect asks an image of the environment which release of Prefect it has, where one is on this machine. The container is gone
// afterwards; an image that can't tell is no reason to complain here.
func imagePrefect(ctx context.Context, s *session.Session, d draft.Rendered) string {
	if len(d.Images) == 0 || s.Stance().Untrusted { // the image is made of the repository
		return ""
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return "" // the tools tell
	}
	const ask = "from importlib.metadata import version; print(version('prefect'))"
	for _, entrypoint := range slices.Sorted(maps.Keys(d.Images)) {
		reference := d.Images[entrypoint].Spec.Reference()
		if _, there, err := docker.Inspect(ctx, reference); err != nil || !there {
			continue
		}
		out, err := docker.Run(ctx, image.Command{Image: reference, Args: []string{"python", "-c", ask}})
		if err == nil && out.Code == 0 {
			return number.FindString(image.LastLine(out.Text))
		}
	}
	return ""
}
