package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// origin is what rows of one call have in common: the commit and the machine.
type origin struct{ commit, machine string }

// pagesOfOurs are what a measurement itself changes: they make no commit another one.
func pagesOfOurs() []string { return []string{":(exclude)docs/benchmarks.md", ":(exclude)docs/images"} }

// here finds out where this program runs.
func here(ctx context.Context) origin {
	return origin{commit: commit(ctx, "."), machine: fmt.Sprintf("%s/%s, %d cores (%s)", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor())}
}

// commit names the commit of a checkout, and says when files differ from it.
func commit(ctx context.Context, folder string) string {
	head, err := exec.CommandContext(ctx, "git", "-C", folder, "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "not recorded"
	}
	name := strings.TrimSpace(string(head))
	args := append([]string{"-C", folder, "status", "--porcelain", "--", "."}, pagesOfOurs()...)
	if changes, err := exec.CommandContext(ctx, "git", args...).Output(); err != nil || len(changes) > 0 {
		name += "+changes"
	}
	return name
}

func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

// run says when and where a row was measured, in the words of the list below its table.
func (o origin) run(r row) string {
	text := fmt.Sprintf("%s, commit %s, %s, Go %s", r.day.Format(time.DateOnly), o.commit, o.machine, strings.TrimPrefix(runtime.Version(), "go"))
	if r.prefect != "" {
		text += ", Prefect " + r.prefect
	}
	return text
}

// release asks a server which Prefect it is.
func release(ctx context.Context, api string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/admin/version", http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	var version string
	if err := json.NewDecoder(answer.Body).Decode(&version); err != nil {
		return "", fmt.Errorf("%s/admin/version: %s: %w", api, answer.Status, err)
	}
	return version, nil
}

// releaseOf asks an interpreter which Prefect it has.
func releaseOf(ctx context.Context, interpreter string) (string, error) {
	out, err := exec.CommandContext(ctx, interpreter, "-c", "import prefect; print(prefect.__version__)").Output()
	return strings.TrimSpace(string(out)), err
}
