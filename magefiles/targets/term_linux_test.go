package targets

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Results that can't be written end with 1, whoever prints them; a reader that has had enough is none of our business.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	lines := func(args []string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), l.mage, args...)
		cmd.Dir, cmd.Env = l.root, l.environ
		return cmd
	}
	for _, args := range [][]string{{"flows:list"}, {"flows:list", "-json"}, {"env:show"}, {"env:list", "-json"}, {"-h", "flows:list"}, {"-l"}, {"flows:show", "rpa1"}, {"verify:flows", "-json"}} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		cmd := lines(args)
		var story strings.Builder
		cmd.Stdout, cmd.Stderr = full, &story
		_ = cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(story.String(), "the results could not be written") {
			t.Errorf("%v: exit code %d\n%s", args, code, story.String())
		}
		if err := full.Close(); err != nil {
			t.Error(err)
		}
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = read.Close()
		cmd = lines(args)
		story.Reset()
		cmd.Stdout, cmd.Stderr = write, &story
		_ = cmd.Run()
		if strings.Contains(story.String(), "error") {
			t.Errorf("%v into a closed pipe: %s", args, story.String())
		}
		_ = write.Close()
	}
}

// SIGTERM ends a command that waits for a server that does not answer, for an answer without an end, for as long as a server asks, or for git.
func TestTerminated(t *testing.T) { //nolint:tparallel // they share what tells of requests
	t.Parallel()
	reached := make(chan string, 100)
	hang := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- r.URL.Path
		<-r.Context().Done()
	}))
	t.Cleanup(hang.CloseClientConnections)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached <- r.URL.Path
		for {
			if _, err := w.Write([]byte(" ")); err != nil {
				return
			}
			w.(http.Flusher).Flush() //nolint:forcetypeassert // it is one
			time.Sleep(10 * time.Millisecond)
		}
	}))
	t.Cleanup(endless.CloseClientConnections)
	asking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		reached <- r.URL.Path
	}))
	t.Cleanup(asking.Close)
	for name, test := range map[string]struct {
		environ []string
		args    []string
		git     bool // hangs
	}{
		"a server that hangs":        {[]string{"PREFECT_API_URL=" + hang.URL + "/api"}, []string{"deploy:plan"}, false},
		"an endless answer":          {[]string{"PREFECT_API_URL=" + endless.URL + "/api"}, []string{"deploy:plan"}, false},
		"a server that asks to wait": {[]string{"PREFECT_API_URL=" + asking.URL + "/api"}, []string{"deploy:all"}, false},
		"a git that hangs":           {[]string{"PREFECT_API_URL=" + hang.URL + "/api"}, []string{"deploy:plan"}, true},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // they share what tells of requests
			l := newLab(t).with(test.environ...)
			reach := func() { <-reached }
			if test.git {
				l, reach = hangingGit(t, l)
			}
			cmd := exec.CommandContext(t.Context(), l.mage, test.args...)
			var story strings.Builder
			cmd.Dir, cmd.Env, cmd.Stderr, cmd.WaitDelay = l.root, l.environ, &story, time.Second
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			reach()
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			late := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 || !late.Stop() || !strings.Contains(story.String(), "interrupted") {
				t.Errorf("exit code %d\n%s", code, story.String())
			}
			for len(reached) > 0 {
				<-reached
			}
		})
	}
}

// hangingGit gives a lab whose git neither answers nor lets go of its output, and what waits until it was called.
func hangingGit(t *testing.T, l *lab) (*lab, func()) {
	t.Helper()
	folder := t.TempDir()
	called := filepath.Join(folder, "called")
	if err := syscall.Mkfifo(called, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "git"), []byte("#!/bin/sh\necho yes >"+called+"\nsleep 60\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return l.with("PATH=" + folder + ":" + os.Getenv("PATH")), func() {
		if _, err := os.ReadFile(called); err != nil {
			t.Error(err)
		}
	}
}
