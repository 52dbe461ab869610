//go:build !windows

package local

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// nobody is another user of the machine.
const nobody = 65534

// TestPrivateFolder brings the environment up in folders that others have prepared.
func TestPrivateFolder(t *testing.T) {
	t.Parallel()
	mode := func(t *testing.T, path string) os.FileMode {
		t.Helper()
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	t.Run("none", func(t *testing.T) {
		t.Parallel()
		b := serving(t, "well")
		b.up()
		for path, want := range map[string]os.FileMode{"": 0o700, "run": 0o700, "logs": 0o700, "server": 0o700, "auth": 0o600, "run/server.json": 0o600, "logs/server.log": 0o600} {
			if got := mode(t, filepath.Join(b.root, Folder, path)); got != want {
				t.Errorf("%q has mode %o, want %o", path, got, want)
			}
		}
	})
	t.Run("open to all", func(t *testing.T) {
		t.Parallel()
		b := serving(t, "well")
		home := filepath.Join(b.root, Folder)
		if err := os.Mkdir(home, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(home, 0o777); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		b.up()
		if got := mode(t, home); got != 0o700 {
			t.Errorf("it stays open: %o", got)
		}
	})
	refused := func(t *testing.T, b *bench, why string) {
		t.Helper()
		for name, do := range map[string]func() error{
			"up":   func() error { _, err := b.open().Up(t.Context(), Wanted{}); return err },
			"down": func() error { _, err := b.open().Down(t.Context()); return err },
		} {
			if err := do(); fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	t.Run("a link", func(t *testing.T) {
		t.Parallel()
		b := newBench(t)
		if err := os.Symlink(t.TempDir(), filepath.Join(b.root, Folder)); err != nil {
			t.Fatal(err)
		}
		refused(t, b, "a link to another place")
	})
	t.Run("part of the repository", func(t *testing.T) {
		t.Parallel()
		b := serving(t, "well")
		b.up()
		for _, tracked := range []bool{false, true} {
			l := b.open()
			l.folder = folder.In(b.root, l.console, func(context.Context) bool { return tracked })
			_, err := l.Up(t.Context(), Wanted{})
			if tracked != (err != nil) || tracked && (fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "git tracks files of .flowmage")) {
				t.Errorf("tracked %v: %v", tracked, err)
			}
		}
	})
	t.Run("another user's", func(t *testing.T) {
		t.Parallel()
		prerequisite.Root(t)
		b := serving(t, "well")
		server := b.up()
		home := filepath.Join(b.root, Folder)
		if err := os.Chown(home, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		refused(t, b, "belongs to another user")
		if _, ok := b.open().noted(t.Context(), serverName); ok || b.open().Auth() != "" {
			t.Error("what it says is believed")
		}
		if _, lives := identity.Birth(t.Context(), server.PID); !lives {
			t.Error("a process was ended because it stands there")
		}
		if err := os.Chown(home, os.Getuid(), os.Getgid()); err != nil {
			t.Fatal(err)
		}
	})
}

// TestAuth keeps the auth string as long as nobody else can have read it.
func TestAuth(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.open()
	made := func() string {
		t.Helper()
		if err := l.prepare(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(l.AuthPath())
		if err != nil || info.Mode() != 0o600 || !strings.HasPrefix(l.Auth(), "flowmage:") || len(l.Auth()) < 60 {
			t.Fatalf("%v, %v, %q", info.Mode(), err, l.Auth())
		}
		return l.Auth()
	}
	first := made()
	if again := made(); again != first {
		t.Error("each command makes another one")
	}
	before := first
	for name, spoil := range map[string]func() error{
		"readable by others": func() error { return os.Chmod(l.AuthPath(), 0o644) },
		"of another form":    func() error { return os.WriteFile(l.AuthPath(), []byte("admin:pass\n"), 0o600) },
		"another user's": func() error {
			if os.Geteuid() != 0 { // nobody else can give it away
				return os.Remove(l.AuthPath())
			}
			return os.Chown(l.AuthPath(), 65534, 65534)
		},
		"a link": func() error {
			other := filepath.Join(b.root, "other")
			write(t, other, first+"\n")
			return os.Rename(l.AuthPath(), other+".old")
		},
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if name == "a link" {
			if err := os.Symlink(filepath.Join(b.root, "other"), l.AuthPath()); err != nil {
				t.Fatal(err)
			}
		}
		if after := made(); after == before || after == first {
			t.Errorf("%s: it is believed", name)
		} else {
			before = after
		}
	}
}

// TestOtherUsersProcess has another user run a process that looks like our server and worker.
func TestOtherUsersProcess(t *testing.T) {
	t.Parallel()
	prerequisite.Root(t)
	b := serving(t, "well")
	b.up()
	if _, err := b.open().Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := b.open()
	for _, name := range []string{serverName, workerName("rpa")} {
		args := append([]string{"-c", "sleep 100; :", "sh"}, l.prefectArgs(name, "server", "start", "--port", "1")...)
		cmd := exec.CommandContext(t.Context(), "/bin/sh", args...)
		cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Setsid: true, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = identity.Kill(cmd.Process.Pid)
			_ = cmd.Wait()
		})
		r := newRecord(t.Context(), name, cmd)
		r.Port, r.Ready, r.Guard = 1, true, l.guard()
		check := func(how string) {
			t.Helper()
			s, err := l.Status(t.Context())
			if err != nil || s.Server.State != Stopped || len(s.Workers) > 0 {
				t.Errorf("%s: %+v, %v", how, s, err)
			}
			if stopped, err := l.Down(t.Context()); err != nil || len(stopped) > 0 {
				t.Errorf("%s: stopped %+v, %v", how, stopped, err)
			}
			if _, lives := identity.Birth(t.Context(), r.PID); !lives {
				t.Errorf("%s: another user's process was ended", how)
			}
		}
		b.eventually("the process is there", func() bool { return identity.ID{PID: r.PID, Born: r.Born}.Alive(t.Context()) })
		check("found")
		if err := l.save(r); err != nil {
			t.Fatal(err)
		}
		check("on record")
	}
}

// TestEarlierBuild finds a server that was started without a guard.
func TestEarlierBuild(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	first := b.up()
	l := b.open()
	r, _ := l.noted(t.Context(), serverName)
	r.Guard = "" // as records of earlier builds have it
	if err := l.save(r); err != nil {
		t.Fatal(err)
	}
	if _, ok := l.Recorded(t.Context()); ok {
		t.Error("it is read from, although the next command starts it anew")
	}
	if _, state, err := l.Answering(t.Context(), ""); err != nil || state != Running {
		t.Errorf("commands that only look: %s, %v", state, err)
	}
	second := b.up()
	if second.PID == first.PID || second.URL != first.URL || !second.Started || second.Auth != first.Auth {
		t.Errorf("got %+v after %+v", second, first)
	}
	if !strings.Contains(b.story.String(), "asks for no password: it is started anew") {
		t.Errorf("nobody told: %s", b.story)
	}
	if err := os.Remove(l.AuthPath()); err != nil {
		t.Fatal(err)
	}
	if third := b.up(); third.PID == second.PID || third.Auth == second.Auth {
		t.Error("the server keeps a password that is gone")
	}
}

// TestServerEnviron looks at what a server is started with.
func TestServerEnviron(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	server := b.up()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.UI, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	environ := interpreter.Variables(b.serverEnviron(server.PID))
	got := map[string]string{}
	for _, name := range []string{"PREFECT_SERVER_API_AUTH_STRING", "PREFECT_SERVER_CORS_ALLOWED_ORIGINS", "PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "PREFECT_SERVER_API_HOST"} {
		got[name] = environ.Get(name)
	}
	want := map[string]string{
		"PREFECT_SERVER_API_AUTH_STRING": server.Auth, "PREFECT_SERVER_API_HOST": "127.0.0.1", "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
		"PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "http://127.0.0.1:" + port + ",http://localhost:" + port,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r, _ := b.open().noted(t.Context(), serverName)
	if command := strings.Join(r.Command, " "); strings.Contains(command, server.Auth) || !strings.Contains(command, "--host 127.0.0.1 ") {
		t.Error(command)
	}
}

// TestIdentified gives programs what they need to say who they are.
func TestIdentified(t *testing.T) {
	t.Parallel()
	l := newBench(t).open()
	if err := l.prepare(); err != nil {
		t.Fatal(err)
	}
	const url, other = "http://127.0.0.1:4200/api", "me:password"
	for name, x := range map[string]struct{ release, auth, want, ui string }{
		"oldest":         {"3.2.0", l.Auth(), "http://" + l.Auth() + "@127.0.0.1:4200/api", "http://127.0.0.1:4200"},
		"last silent":    {"3.6.13", l.Auth(), "http://" + l.Auth() + "@127.0.0.1:4200/api", "http://127.0.0.1:4200"},
		"first to say":   {"3.6.14", l.Auth(), url, ""},
		"ours":           {"3.8.8", l.Auth(), url, ""},
		"newest":         {"3.10.0.dev1", l.Auth(), url, ""},
		"another server": {"3.2.0", other, url, ""},
		"no password":    {"3.2.0", "", url, ""},
	} {
		got := l.identified(interpreter.Variables{"PREFECT_API_URL=" + url, "PREFECT_API_AUTH_STRING=" + x.auth}, x.release)
		if got.Get("PREFECT_API_URL") != x.want || got.Get("PREFECT_UI_URL") != x.ui {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestPortTakenMeanwhile has somebody listen where the server was: what is left running may have told them the password.
func TestPortTakenMeanwhile(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	first := b.up()
	down := func() {
		t.Helper()
		if _, err := b.open().Down(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	down()
	if again := b.up(); again.Auth != first.Auth || again.URL != first.URL {
		t.Fatalf("%+v is not the server of before, %+v", again, first)
	}
	down()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", strings.TrimPrefix(first.UI, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing was written
	if second := b.up(); second.Auth == first.Auth || second.Auth == "" || second.URL == first.URL {
		t.Errorf("the password is as before: %v", second.Auth == first.Auth)
	}
	if !strings.Contains(b.story.String(), "may have heard the server's password: there is a new one") {
		t.Error("nobody is told")
	}
}

// TestFilesOfOthersInFolder puts into the folder what a repository may bring along.
func TestFilesOfOthersInFolder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	l := b.open()
	if err := l.prepare(); err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "server.log")
	write(t, elsewhere, `{"Name":"server"}`)
	write(t, l.path("run", "whole.json"), `{"Name":"server"}`)
	for name, target := range map[string]string{"link.json": elsewhere, "device.json": "/dev/zero"} {
		if err := os.Symlink(target, l.path("run", name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(l.path("run", "pipe.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(elsewhere), l.path("linked")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		l.path("run", "whole.json"): true, l.path("run", "link.json"): false, l.path("run", "device.json"): false, l.path("run", "pipe.json"): false,
		l.path("linked", "server.log"): false,
	} {
		if _, read := folder.ReadJSON[record](path); read != want {
			t.Errorf("%s is read: %v", path, read)
		}
		if file, err := (LogFile{Path: path}).Open(); err == nil != want {
			t.Errorf("%s is opened as a log: %v", path, err)
		} else if err == nil {
			_ = file.Close()
		}
	}
}

// TestForwarderListensThere asks for the way for containers: it listens at the one address that was asked for.
func TestForwarderListensThere(t *testing.T) {
	t.Parallel()
	b := serving(t, "well")
	b.up()
	if _, err := b.open().Forward(t.Context(), "127.0.0.2"); err == nil {
		t.Error("the fake passes nothing on, and this is believed of it")
	}
	if b.count("forward 127.0.0.2 ") != 1 || b.count("forward ") != 1 {
		data, _ := os.ReadFile(b.calls)
		t.Errorf("it was called otherwise:\n%s", data)
	}
}
