package targets

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// special are files that are none.
func (h *hostile) special() {
	h.t.Helper()
	for _, name := range []string{"pipe.py", "pipe/flow.yaml", "pipe/requirements.txt", "pipe/.gitignore", "pipe/Dockerfile", "pipe/pyproject.toml"} {
		path := filepath.Join(h.root, "flows/special", name)
		h.must(os.MkdirAll(filepath.Dir(path), 0o755))
		h.must(unix.Mkfifo(path, 0o644))
		h.cases++
	}
	h.write("flows/special/pipe/work.py", h.aFlow("beside pipes"))
	h.must(os.MkdirAll(filepath.Join(h.root, "flows/special/folder.py"), 0o755))
	h.must(os.MkdirAll(filepath.Join(h.root, "flows/special/folder/flow.yaml"), 0o755))
	h.write("flows/special/holes.py", "")
	h.must(os.Truncate(filepath.Join(h.root, "flows/special/holes.py"), 1<<40))
	h.write("flows/special/holes/flow.yaml", "")
	h.must(os.Truncate(filepath.Join(h.root, "flows/special/holes/flow.yaml"), 1<<40))
	if unix.Mknod(filepath.Join(h.root, "flows/special/zero.py"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))) == nil { // as root
		h.cases++
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	h.must(err)
	h.t.Cleanup(func() { _ = unix.Close(fd) })
	_ = os.Symlink(h.root, filepath.Join(filepath.Dir(h.root), "r"))
	if unix.Bind(fd, &unix.SockaddrUnix{Name: filepath.Join(filepath.Dir(h.root), "r", "flows/special/s.py")}) == nil {
		h.cases++
	}
	deep := filepath.Join(h.root, "flows/special/deep")
	h.must(os.MkdirAll(deep, 0o755))
	dir, err := os.Open(deep)
	h.must(err)
	at := int(dir.Fd())
	for range 3000 { // beyond what a path can name
		h.must(unix.Mkdirat(at, "d", 0o755))
		next, err := unix.Openat(at, "d", unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		h.must(err)
		if at != int(dir.Fd()) {
			_ = unix.Close(at)
		}
		at = next
	}
	_ = unix.Close(at)
	_ = dir.Close()
	h.cases += 4
	h.t.Cleanup(func() { _ = exec.Command("rm", "-rf", deep).Run() })
}

// repository puts it all together.
func (h *hostile) repository() {
	h.t.Helper()
	h.names()
	h.links()
	h.settings()
	h.python()
	h.rules()
	h.programs()
	h.special()
}

// commands of CI systems and what terminals obey.
var obeyed = regexp.MustCompile(`(?m)^[ \t]*::|##[\w.-]*\[|section_(start|end):`)

// lively tells what in an output would do something, "" for nothing.
func lively(text string) string {
	if !utf8.ValidString(text) {
		return "no UTF-8"
	}
	for i, r := range text {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0xad || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff || r >= 0xe0000 && r <= 0xe0fff {
			return fmt.Sprintf("%U at %d: %q", r, i, text[max(0, i-40):min(len(text), i+40)])
		}
	}
	return obeyed.FindString(text)
}

// usage is what a command took.
type usage struct {
	Memory int64 // KiB, at its largest
	Work   time.Duration
	Exited bool // by itself
}

// middleman names the file into which [TestMiddleman] writes.
const middleman = "FLOWMAGE_TEST_USAGE"

// TestMiddleman is no test, but a small process between one and a command: to Linux a process has once been as large as the one that started it, and that of all
// tests is larger than what a command may take.
func TestMiddleman(*testing.T) { //nolint:paralleltest // it ends the process
	note := os.Getenv(middleman)
	if note == "" {
		return
	}
	words := os.Args[slices.Index(os.Args, "--")+1:]
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, middleman+"=") })
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	_ = cmd.Run()
	took, _ := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	data, _ := json.Marshal(usage{took.Maxrss, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), cmd.ProcessState.Exited()})
	_ = os.WriteFile(note, data, 0o600)
	os.Exit(max(cmd.ProcessState.ExitCode(), 0)) //nolint:forbidigo // the command's code is this process's
}

// obey runs a command in the repository. What is asserted of each: it ends, by itself and not by a panic; it takes
// no more than 500 MB and 10 s of the processors' time; nothing of the repository runs; its output is inert and shows nothing from outside.
func (h *hostile) obey(mage string, environ []string, args ...string) {
	h.t.Helper()
	h.ran[strings.ToLower(args[0])] = true
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*time.Minute) // a guard, no measure: the machine may be busy with other things
	defer cancel()
	note := filepath.Join(h.t.TempDir(), "usage")
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"-test.run=^TestMiddleman$", "--", mage}, args...)...)
	cmd.Dir, cmd.Env = h.root, append(slices.Clone(environ), middleman+"="+note)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	text := out.String()
	var used usage
	if data, wrong := os.ReadFile(note); wrong != nil || json.Unmarshal(data, &used) != nil {
		h.t.Errorf("mage %v: %v, and nothing is known of what it took: %v", args, err, wrong)
	}
	work := used.Work // which other programs don't make longer
	h.t.Logf("%s: mage %s: %v, %.1f s of work, %d MB, %d KB printed", h.t.Name(), strings.Join(args, " "), err, work.Seconds(), used.Memory>>10, len(text)>>10)
	if work > 10*time.Second {
		h.t.Errorf("mage %v worked for %v", args, work)
	}
	if !used.Exited || strings.Contains(text, "goroutine ") || strings.Contains(text, "panic:") {
		h.t.Errorf("mage %v: %v\n%s", args, err, text[:min(len(text), 4000)])
	}
	if used.Memory > 500_000 {
		h.t.Errorf("mage %v took %d MB", args, used.Memory>>10)
	}
	if found := lively(text); found != "" {
		h.t.Errorf("mage %v prints %s", args, found)
	}
	if strings.Contains(text, theSecret) || strings.Contains(text, "root:x:0") {
		h.t.Errorf("mage %v shows a file from outside:\n%s", args, near(text, theSecret))
	}
	if _, err := os.Stat(h.mark); err == nil {
		h.t.Errorf("mage %v ran something of the repository", args)
		_ = os.Remove(h.mark)
	}
}

func near(text, word string) string {
	at := max(strings.Index(text, word), 0)
	return text[max(0, at-300):min(len(text), at+300)]
}

// TestHostileRepository has the commands that only look read a repository by somebody who means harm.
func TestHostileRepository(t *testing.T) {
	t.Parallel()
	mage := program(t)
	h := newHostile(t)
	h.repository()
	if h.cases < 150 {
		t.Fatalf("only %d cases", h.cases)
	}
	t.Logf("%d cases", h.cases)
	environ := append(clean(), "HOME="+t.TempDir())
	api := os.Getenv("FLOWMAGE_TEST_API")
	h.write("envs/base.yaml", "project: hostile\npaths: [flows]\n")
	h.write("envs/dev.yaml", "kinds: [python]\nserver: {url: "+cmp.Or(api, "\"http://127.0.0.1:9/api\"")+"}\n")
	h.write("envs/both.yaml", "kinds: [python, container]\nserver: {url: \"http://127.0.0.1:9/api\"}\ncode: {directory: /srv}\nimage: {registry: r.example.com}\n")
	for _, line := range slices.Concat(looking, []string{
		"verify -json", "verify:rules", "verify:policies -input", "verify:images", "flows:show imports -json", "deploy:build", "deploy:build -env=both -json", "deploy:plan -markdown", "env:show -json", "env:render", "env:doctor -json",
	}) {
		h.obey(mage, environ, strings.Fields(strings.ReplaceAll(line, " prod", " both"))...)
	}
	known, err := signatures(sources)
	if err != nil {
		t.Fatal(err)
	}
	for name := range known {
		if !h.ran[name] && !writing[name] {
			t.Errorf("%s is not tried", name)
		}
	}
}

// writing are the targets that change something by their nature, or do what another one does: what they read is read by those that only look.
var writing = map[string]bool{
	"deploy:adopt": true, "deploy:all": true, "deploy:apply": true, "deploy:clean": true, "deploy:containers": true, "deploy:python": true, "deploy:release": true, "deploy:rollback": true,
	"deploy:unlock": true, "env:down": true, "env:open": true, "env:up": true, "env:worker": true, "flows:register": true, "flows:reschedule": true, "flows:run": true, "flows:serve": true,
	"verify:all":   true, // it is verify
	"verify:watch": true, // it is verify:flows, time and again
}

// TestHostileSettings puts what is wrong where each command must read it.
func TestHostileSettings(t *testing.T) {
	t.Parallel()
	mage := program(t)
	environ := append(clean(), "HOME="+t.TempDir())
	for name, lay := range map[string]func(h *hostile){
		"base outside": func(h *hostile) { h.link("envs/base.yaml", h.outside) },
		"base device":  func(h *hostile) { h.link("envs/base.yaml", "/dev/zero") },
		"base pipe": func(h *hostile) {
			h.must(os.Mkdir(filepath.Join(h.root, "envs"), 0o755))
			h.must(unix.Mkfifo(filepath.Join(h.root, "envs/base.yaml"), 0o644))
		},
		"base holes": func(h *hostile) {
			h.write("envs/base.yaml", "")
			h.must(os.Truncate(filepath.Join(h.root, "envs/base.yaml"), 1<<40))
		},
		"envs outside":  func(h *hostile) { h.link("envs", "/etc") },
		"flows outside": func(h *hostile) { h.link("flows", "/usr") },
		"paths outside": func(h *hostile) { h.write("envs/base.yaml", "paths: [../.., /etc, \"../*\", .git, .flowmage]\n") },
		"exclude": func(h *hostile) {
			h.write("envs/base.yaml", "exclude: [\""+strings.Repeat("{*,a}", 30)+"b\", \""+strings.Repeat("**/a/", 50)+"\", \"[\"]\n")
		},
		"braces": func(h *hostile) { h.write("envs/base.yaml", "paths: [\""+strings.Repeat("{*,a}", 30)+"b\"]\n") },
		"secrets": func(h *hostile) {
			h.write("envs/base.yaml", "secrets: {A: /etc/passwd, B: ../secret.py, C: .git/config, D: /proc/self/environ, E: /dev/zero, F: /dev/stdin}\nenv: {X_TOKEN: \"{{ $A }}{{ $B }}{{ $C }}{{ $D }}{{ $E }}{{ $F }}\"}\n")
		},
		"template outside": func(h *hostile) { h.link("templates/prefect.yaml.tmpl", h.outside) },
		"template loop":    func(h *hostile) { h.write("templates/prefect.yaml.tmpl", "{{ range 1000000000000 }}{{ end }}") },
		"template endless": func(h *hostile) {
			h.write("templates/prefect.yaml.tmpl", "{{ range 1000000000000 }}"+strings.Repeat("x", 1000)+"{{ end }}")
		},
		"template self": func(h *hostile) {
			h.write("templates/prefect.yaml.tmpl", `{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}`)
		},
		"template doubling": func(h *hostile) { h.write("templates/prefect.yaml.tmpl", doublingTemplate(60)) },
		"template wide":     func(h *hostile) { h.write("templates/prefect.yaml.tmpl", `{{ printf "%1000000000d" 1 }}`) },
		"template printf": func(h *hostile) {
			h.write("templates/prefect.yaml.tmpl", `{{ $x := "xxxxxxxxxx" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}`)
		},
		"template parens": func(h *hostile) { h.write("templates/prefect.yaml.tmpl", "{{ "+strings.Repeat("(", 1_000_000)+" }}") },
		"template ifs":    func(h *hostile) { h.write("templates/prefect.yaml.tmpl", strings.Repeat("{{ if 1 }}", 100_000)) },
		"template yaml":   func(h *hostile) { h.write("templates/prefect.yaml.tmpl", "deployments: "+strings.Repeat("[", 100_000)) },
		"template text": func(h *hostile) {
			h.write("templates/prefect.yaml.tmpl", "\x1b[2J\n::error::x\n##vso[x]y: {{ .Nope }}")
		},
		"rendered outside": func(h *hostile) { h.link("rendered", filepath.Dir(h.outside)) },
		"manifest link":    func(h *hostile) { h.link("prefect.dev.yaml", h.outside) },
		"manifest folder":  func(h *hostile) { h.must(os.Mkdir(filepath.Join(h.root, "prefect.dev.yaml"), 0o755)) },
		"tool linked":      func(h *hostile) { h.link(".flowmage", filepath.Dir(h.outside)) },
		"requirements":     func(h *hostile) { h.link("requirements.txt", h.outside) },
		"includes": func(h *hostile) {
			h.write("requirements.txt", "-r ../secret.py\n-r /etc/passwd\n-c /dev/zero\n-r requirements.txt\n")
		},
		"context": func(h *hostile) {
			h.write("big", "")
			h.must(os.Truncate(filepath.Join(h.root, "big"), 1<<40))
			h.write("flows/a/Dockerfile", "FROM x\nCOPY . .\n")
		},
		"context ignore": func(h *hostile) {
			h.link(".dockerignore", "/dev/zero")
			h.write("flows/a/Dockerfile", "FROM x\nCOPY . .\n")
		},
		"context link":      func(h *hostile) { h.link("data", "/etc"); h.write("flows/a/Dockerfile", "FROM x\nCOPY . .\n") },
		"dockerfile":        func(h *hostile) { h.link("flows/a/Dockerfile", h.outside) },
		"dockerfile device": func(h *hostile) { h.link("flows/a/Dockerfile", "/dev/zero") },
		"pool":              func(h *hostile) { h.write("envs/base.yaml", "pools: {python: {template: /etc/passwd}}\n") },
		"pool link": func(h *hostile) {
			h.link("templates/pools/process.json", h.outside)
			h.write("envs/base.yaml", "pools: {python: {defaults: {env: {}}}}\n")
		},
		"pool deep": func(h *hostile) {
			h.write("templates/pools/process.json", strings.Repeat("[", 1_000_000))
			h.write("envs/base.yaml", "pools: {python: {defaults: {env: {}}}}\n")
		},
		"python": func(h *hostile) {
			h.write("evil", "#!/bin/sh\ntouch "+h.mark+"\n")
			h.write("envs/base.yaml", "python: ./evil\n")
		},
		"url": func(h *hostile) { h.write("envs/dev.yaml", "server: {url: \"http://x\\e[2J/\\n::error::y\"}\n") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHostile(t)
			lay(h)
			if _, err := os.Lstat(filepath.Join(h.root, "flows")); err != nil || name != "flows outside" {
				h.write("flows/a/work.py", h.aFlow("a"))
			}
			if _, err := os.Lstat(filepath.Join(h.root, "envs")); err != nil {
				h.must(os.Mkdir(filepath.Join(h.root, "envs"), 0o755))
			}
			if _, err := os.Lstat(filepath.Join(h.root, "envs", "base.yaml")); err != nil && name != "envs outside" {
				h.write("envs/base.yaml", "project: hostile\n")
			}
			for _, args := range [][]string{{"deploy:build"}, {"env:show"}, {"env:render"}} {
				h.obey(mage, environ, args...)
			}
			text, err := os.ReadFile(h.outside)
			h.must(err)
			entries, err := os.ReadDir(filepath.Dir(h.outside))
			h.must(err)
			if !bytes.Contains(text, []byte(theSecret)) || len(entries) != 2 {
				t.Errorf("something outside was written: %q, %v", text, entries)
			}
		})
	}
}

func doublingTemplate(n int) string {
	var b strings.Builder
	b.WriteString(`{{ define "t0" }}{{ end }}`)
	for i := range n {
		fmt.Fprintf(&b, `{{ define "t%d" }}{{ template "t%d" }}{{ template "t%d" }}{{ end }}`, i+1, i, i)
	}
	return b.String() + fmt.Sprintf(`{{ template "t%d" }}`, n)
}
