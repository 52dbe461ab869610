package targets

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// hostileValues are values that a shell, make or the tool could take for something else.
var hostileValues = []string{
	"rpa1; touch pwned", "$(shell touch pwned)", "`touch pwned`", "$$(touch pwned)", "it's 'quoted'", `say "hi" > pwned`, `{"a": "$HOME $x"}`, "a\nb; touch pwned", "line\n",
	`back\slash\`, "-yes", "--", "a#b", "x%y", "a b  c", "~", "*", "&& touch pwned", "| tee pwned", "${PATH}", "a=b:=c", "umlaut ä", "(a,b)", "\ttab", "%", "@-+", "!!",
}

// maker is a folder with the project's Makefile and a tool that keeps what it was called with.
type maker struct{ root string }

func newMaker(t *testing.T, files ...string) maker {
	t.Helper()
	prerequisite.Program(t, "make")
	m := maker{t.TempDir()}
	m.write(t, ".flowmage/bin/mage", "#!/bin/sh\necho >>called\nenv >environ\nfor word; do printf '%s\\0' \"$word\"; done >words\n")
	for _, name := range append(files, "go.mod", "go.sum", "envs/base.yaml", "envs/dev.yaml", "envs/prod.yaml") {
		m.write(t, name, "")
	}
	for _, name := range []string{"Makefile", ".ci/help.awk", ".ci/nearest.awk"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Fatal(err)
		}
		m.write(t, name, string(text))
	}
	return m
}

func (m maker) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(m.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// made is what came of one make.
type made struct {
	words []string // what the tool got
	calls int
	code  int
	text  string
	env   string // the tool's environment
}

func (m maker) make(t *testing.T, environ []string, args ...string) made {
	t.Helper()
	for _, name := range []string{"words", "called", "environ"} {
		if err := os.RemoveAll(filepath.Join(m.root, name)); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Contains(args, "-o") {
		args = append([]string{"-o", ".flowmage/bin/mage"}, args...)
	}
	cmd := exec.CommandContext(t.Context(), "make", append([]string{"-s"}, args...)...)
	cmd.Dir = m.root
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return name == "MAKEFLAGS" || name == "MFLAGS" || name == "MAKELEVEL" || name == "MAKEOVERRIDES" // the tests may run under make
	}), environ...)
	out, err := cmd.CombinedOutput()
	got := made{text: string(out)}
	if exited, ok := errors.AsType[*exec.ExitError](err); ok {
		got.code = exited.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	called, _ := os.ReadFile(filepath.Join(m.root, "called"))
	got.calls = bytes.Count(called, []byte("\n"))
	environment, _ := os.ReadFile(filepath.Join(m.root, "environ"))
	got.env = "\n" + string(environment)
	if words, err := os.ReadFile(filepath.Join(m.root, "words")); err == nil && len(words) > 0 {
		got.words = strings.Split(strings.TrimSuffix(string(words), "\x00"), "\x00")
	}
	if _, err := os.Stat(filepath.Join(m.root, "pwned")); err == nil {
		t.Fatalf("make %q ran what a value says", args)
	}
	return got
}

// makeRule is a target of the Makefile with its recipe; oldRule one that stands for another target.
var (
	makeRule = regexp.MustCompile(`(?m)^([^\s:#][^:\n]*):[^\n;=]*(?:;|\n\t)\s*@?(\$\(mage\) [^\n]*)$`)
	oldRule  = regexp.MustCompile(`(?m)^([a-z][a-z -]*): ([a-z-]+)$`)
)

// recipes gives what each make target calls, with an environment and a flow in place of patterns.
func recipes(makefile string) map[string]string {
	out := map[string]string{}
	for _, m := range makeRule.FindAllStringSubmatch(makefile, -1) {
		name := strings.NewReplacer("$(environments:%=", "", "%)", "dev", "%-python)", "dev-python", "%", "rpa1").Replace(m[1])
		out[name] = m[2]
	}
	for _, m := range oldRule.FindAllStringSubmatch(makefile, -1) {
		for name := range strings.FieldsSeq(m[1]) {
			out[name] = out[m[2]]
		}
	}
	return out
}

// variable is one of make's, and what a recipe has that takes it.
var variables = map[string][]string{
	"ENV": {"$(env_flag)", "$(call given,ENV)"}, "WITH": {"$(call given,WITH)"}, "ONLY": {"$(only_flag)", "$(flow)"}, "FLOW": {"$(only_flag)", "$(flow)"}, "FLOW_NAME": {"$(only_flag)", "$(flow)"},
	"KIND": {"$(kind_flag)"}, "PARAMS": {"$(params_flag)"}, "FILE": {"$(file_flag)"}, "PROJECT": {"$(project_flag)"}, "TO": {"$(to_flag)"},
	"SINCE": {"$(since_flag)"}, "FORMAT": {"$(report_flags)"}, "OUT": {"$(report_flags)"}, "CODE": {"$(code)"},
	"SERVED": {"$(served_flag)"}, "IMAGES": {"$(images_flag)"}, "ALL": {"$(all_flag)"}, "YES": {"$(yes_flag)"}, "FIX": {"$(fix_flag)"}, "YE": nil, "env": nil, "MAKE_ENV": nil,
}

// Of every target and every variable: a recipe that takes it gets it as it was typed, and otherwise nothing runs and the message says what the target takes.
func TestMakeVariables(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	all := recipes(string(text))
	if len(all) < 50 {
		t.Fatalf("only %d targets are found", len(all))
	}
	values := 1
	if os.Getenv("FLOWMAGE_SOAK") != "" {
		values = len(hostileValues)
	}
	turn := 0
	for target, recipe := range all {
		first := turn
		turn += len(variables)
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			m := newMaker(t)
			for name, signs := range variables {
				first++
				takes := slices.ContainsFunc(signs, func(s string) bool { return strings.Contains(recipe, s) })
				for i := range values {
					m.one(t, target, recipe, name, hostileValues[(first+i)%len(hostileValues)], takes)
				}
			}
		})
	}
}

func (m maker) one(t *testing.T, target, recipe, name, value string, takes bool) {
	t.Helper()
	args := []string{target}
	isSwitch := slices.Contains([]string{"SERVED", "IMAGES", "ALL", "YES", "FIX"}, name)
	if isSwitch {
		value = "1"
	}
	args = append(args, name+"="+value)
	if takes && strings.Contains(recipe, "$(flow)") && variables[name][0] != "$(only_flag)" {
		args = append(args, "FLOW=rpa1")
	}
	if takes && strings.Contains(recipe, "$(all_flag)") && variables[name][0] != "$(only_flag)" && name != "ALL" {
		args = append(args, "ONLY=rpa1")
	}
	got := m.make(t, nil, args...)
	switch {
	case !takes && (got.code != 2 || got.calls > 0 || !strings.Contains(got.text, fmt.Sprintf("make %s takes no %s; it ", target, name))):
		t.Errorf("make %q: %d calls, %s", args, got.calls, got.text)
	case takes && (got.code != 0 || got.calls != 1 || !slices.ContainsFunc(got.words, func(word string) bool {
		_, joined, isFlag := strings.Cut(word, "=")
		return isSwitch && word == "-"+strings.ToLower(name) || !isSwitch && (word == strings.TrimLeft(value, "\t") || isFlag && joined == strings.TrimLeft(value, "\t"))
	})):
		t.Errorf("make %q: %d calls with %q, %s", args, got.calls, got.words, got.text)
	}
}

func TestMakeLine(t *testing.T) { //nolint:tparallel // they share a folder
	t.Parallel()
	m := newMaker(t, "envs/a b;touch pwned.yaml", "envs/$(shell touch pwned).yaml", "envs/x;touch pwned;.yaml", "envs/it's.yaml", "envs/%.yaml", "envs/`touch pwned`.yaml", "envs/_x.yaml", "envs/UP.yaml",
		"tasks/x;touch pwned;.go", "tasks/$(shell touch pwned).go", "tasks/a b;touch pwned/c.go", "tasks/`touch pwned`.go")
	for _, test := range []struct {
		about   string
		environ []string
		args    []string
		want    []string // words of the tool
		says    string   // when it is refused
	}{
		{"nothing", nil, []string{"plan"}, []string{"deploy:plan"}, ""},
		{"all at once", nil, []string{"clean-deployments", "ENV=prod", "FLOW=rpa1", "KIND=python", "SERVED=yes", "IMAGES=y", "YES=true"}, []string{"deploy:clean", "-env=prod", "-only=rpa1", "-kind=python", "-served", "-images", "-yes"}, ""},
		{"as typed", nil, []string{"run-and-register", "FLOW=rpa1", `PARAMS={"a": "$HOME $x"}`}, []string{"flows:run", "rpa1", `-params={"a": "$HOME $x"}`}, ""},
		{"lines", nil, []string{"run-and-register", "FLOW=rpa1", "PARAMS={\n  \"a\": \"it's\"\n}\n"}, []string{"flows:run", "rpa1", "-params={\n  \"a\": \"it's\"\n}\n"}, ""},
		{"the same twice", nil, []string{"discover-flows", "FLOW=a b", "ONLY=a b", "FLOW_NAME=a b"}, []string{"flows:list", "-only=a b"}, ""},
		{"off", nil, []string{"clean-deployments", "YES=0", "SERVED=no", "IMAGES=false"}, []string{"deploy:clean"}, ""},
		{"a target's name", nil, []string{"serve-x;y"}, []string{"flows:serve", "-only=x;y"}, ""},
		{"a target's name with a quote", nil, []string{"serve-it's $(shell touch pwned)"}, []string{"flows:serve", "-only=it's $(shell touch pwned)"}, ""},
		{"a pattern as a name", nil, []string{"serve-%"}, []string{"flows:serve", "-only=%"}, ""},
		{"the environment does not count", []string{"ENV=prod", "ONLY=rpa1", "YES=1", "mage=touch pwned", "given=x"}, []string{"clean-deployments"}, []string{"deploy:clean"}, ""},
		{"under another make", []string{"MAKELEVEL=1", "MAKEFLAGS= -- YES=1 ENV=prod"}, []string{"clean-deployments"}, []string{"deploy:clean", "-env=prod", "-yes"}, ""},
		{"another make's variables", []string{"MAKELEVEL=1", "MAKEFLAGS= -- VERSION=1.2 YE=1 name=x target=y word=z EMPTY= ENV=prod HOSTILE=$(shell\\ touch\\ pwned)"}, []string{"clean-deployments"}, []string{"deploy:clean", "-env=prod"}, ""},
		{"harmless flags", []string{"MAKEFLAGS=-j2 --output-sync=target"}, []string{"plan", "ENV=prod"}, []string{"deploy:plan", "-env=prod"}, ""},

		{"another make's, and not for this target", []string{"MAKELEVEL=1", "MAKEFLAGS= -- VERSION=1.2 YES=1"}, []string{"plan"}, nil, "make plan takes no YES"},
		{"another make's takes", []string{"MAKELEVEL=1", "MAKEFLAGS= -- takes/plan=YES YES=1"}, []string{"plan"}, nil, "make plan takes no "},
		{"two flows", nil, []string{"clean-deployments", "FLOW=rpa1", "ONLY=rpa2", "YES=1"}, nil, "FLOW and ONLY mean the same"},
		{"two flows, one in the other", nil, []string{"clean-deployments", "FLOW=a][a", "ONLY=a", "YES=1"}, nil, "FLOW and ONLY mean the same"},
		{"two flows by an old name", nil, []string{"clean-deployments", "FLOW=rpa1", "FLOW_NAME=rpa2"}, nil, "FLOW and ONLY mean the same"},
		{"empty", nil, []string{"clean-deployments", "ONLY=", "YES=1"}, nil, "ONLY is empty"},
		{"blank", nil, []string{"clean-deployments", "ONLY= \t ", "YES=1"}, nil, "ONLY is empty"},
		{"a line end alone", nil, []string{"clean-deployments", "ONLY=\n", "YES=1"}, nil, "ONLY is empty"},
		{"two flows, one twice the other", nil, []string{"clean-deployments", "FLOW=aa", "ONLY=a"}, nil, "FLOW and ONLY mean the same"},
		{"two flows, the other twice the one", nil, []string{"clean-deployments", "FLOW=a", "ONLY=aa"}, nil, "FLOW and ONLY mean the same"},
		{"a name that a shell would run", nil, []string{"plan", "x;>pwned;=1"}, nil, "make plan takes no "},
		{"another name that a shell would run", nil, []string{"plan", "x';>pwned;'=1"}, nil, "make plan takes no "},
		{"a switch that is on and off", nil, []string{"clean-deployments", "YES=0 1"}, nil, "YES is neither on nor off"},
		{"no switch", nil, []string{"clean-deployments", "YES=maybe"}, nil, "YES is neither on nor off"},
		{"in another target", nil, []string{"deploy-all", "plan", "YES=1"}, nil, "make plan takes no YES; it takes ENV, ONLY (or FLOW)"},
		{"a typing error", nil, []string{"clean-deployments", "YE=1"}, nil, "did you mean YES?"},
		{"swapped letters", nil, []string{"clean-deployments", "FLWO=rpa1"}, nil, "did you mean FLOW?"},
		{"small letters", nil, []string{"clean-deployments", "only=rpa1"}, nil, "did you mean ONLY?"},
		{"nothing like it", nil, []string{"clean-deployments", "COLOUR=red"}, nil, "it takes ENV, ONLY (or FLOW), KIND, SERVED, IMAGES, YES.  Stop"},
		{"the tool", nil, []string{"plan", "mage=touch"}, nil, "make plan takes no mage"},
		{"the shell", nil, []string{"plan", "SHELL=/bin/echo"}, nil, "make plan takes no SHELL"},
		{"an environment twice", nil, []string{"deploy-dev", "ENV=prod"}, nil, "make deploy-dev takes no ENV; it names its environment already: leave out ENV"},
		{"a flow twice", nil, []string{"serve-rpa1", "FLOW=rpa2"}, nil, "make serve-rpa1 takes no FLOW; it names its flow already"},
		{"our own", nil, []string{"test", "YES=1"}, nil, "make test takes no YES; it takes no variable"},
		{"no target", nil, []string{"YES=1"}, nil, "make help takes no YES"},
		{"a flag in the environment", []string{"MAKEFLAGS=YES=1"}, []string{"clean-deployments"}, nil, "MAKEFLAGS sets variables"},
		{"a flag of GNU make in the environment", []string{"GNUMAKEFLAGS=YES=1"}, []string{"clean-deployments"}, nil, "MAKEFLAGS sets variables"},
		{"the environment above all", nil, []string{"-e", "clean-deployments"}, nil, "-e would let the environment change this file"},
		{"the same in the environment", []string{"MAKEFLAGS=e"}, []string{"clean-deployments"}, nil, "-e would let the environment change this file"},
		{"no flow", nil, []string{"run-and-register"}, nil, "say which flow: make run-and-register FLOW=rpa1"},
		{"all or some", nil, []string{"deploy-release", "ALL=0"}, nil, "say which: make deploy-release ONLY=rpa1, or ALL=1"},
		{"an environment's hostile name", nil, []string{"deploy-it's"}, nil, "No rule to make target"},
		{"an environment of another name", nil, []string{"deploy-_x"}, nil, "No rule to make target"},
	} {
		t.Run(test.about, func(t *testing.T) { //nolint:paralleltest // they share a folder
			got := m.make(t, test.environ, test.args...)
			if test.says != "" {
				if got.code != 2 || got.calls > 0 || !strings.Contains(got.text, test.says) {
					t.Errorf("%d calls, %s", got.calls, got.text)
				}
				return
			}
			if diff := cmp.Diff(test.want, got.words); diff != "" || got.calls != 1 || got.code != 0 {
				t.Errorf("%s%d calls, %s", diff, got.calls, got.text)
			}
			for _, arg := range test.args { // make would expand it once more for the tool's own children
				if name, _, said := strings.Cut(arg, "="); said && regexp.MustCompile(`\n`+name+`=|\nMAKE\w*=.*\b`+name+`=`).MatchString(got.env) {
					t.Errorf("the tool is handed %s:%s", name, got.env)
				}
			}
		})
	}
}

// UNTRUSTED holds for every target, and only where it is switched on.
func TestMakeUntrusted(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for value, want := range map[string]bool{"1": true, "yes": true, "0": false, "no": false, "": false} {
		args := []string{"plan"}
		if value != "" {
			args = append(args, "UNTRUSTED="+value)
		}
		got := m.make(t, nil, args...)
		if in := strings.Contains(got.env, "\nFLOWMAGE_UNTRUSTED=1\n"); got.calls != 1 || in != want {
			t.Errorf("make %v: %d calls, untrusted: %v, %s", args, got.calls, in, got.text)
		}
	}
	for _, value := range []string{"perhaps", "$(shell touch pwned)", "1 0 perhaps"} {
		if got := m.make(t, nil, "plan", "UNTRUSTED="+value); got.code != 2 || got.calls > 0 || !strings.Contains(got.text, "UNTRUSTED is neither on nor off") {
			t.Errorf("UNTRUSTED=%s: %d calls, %s", value, got.calls, got.text)
		}
	}
}

// Sources with names that mean something to make or to a shell are passed over, where the tool may have to be built too.
func TestMakeStrangeSources(t *testing.T) {
	t.Parallel()
	m := newMaker(t, "tasks/a b.go", "tasks/a b;touch pwned/c.go", "tasks/x:y.go", "tasks/%.go", "tasks/$(shell touch pwned).go", "tasks/|z.go", "tasks/*.go", "tasks/plain.go")
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(m.root, ".flowmage/bin/mage"), later, later); err != nil {
		t.Fatal(err)
	}
	if got := m.make(t, nil, "plan", "-o", "go.mod"); got.code != 0 || got.calls != 1 {
		t.Errorf("%d calls, %s", got.calls, got.text)
	}
}

// What lies in .flowmage is run only when it is the user's own, also when it is newer than its sources.
func TestMakeStrangePlace(t *testing.T) {
	t.Parallel()
	linked := func(t *testing.T, m maker, name string) {
		t.Helper()
		path := filepath.Join(m.root, name)
		elsewhere := filepath.Join(t.TempDir(), "elsewhere")
		if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
			t.Fatal(err)
		}
	}
	foreign := func(t *testing.T, m maker, name string) {
		t.Helper()
		prerequisite.Root(t)
		if err := os.Chown(filepath.Join(m.root, name), 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	for _, place := range []string{".flowmage", ".flowmage/bin", ".flowmage/bin/mage"} {
		for about, spoil := range map[string]func(*testing.T, maker, string){"a link": linked, "another user's": foreign} {
			t.Run(about+" "+place, func(t *testing.T) {
				t.Parallel()
				m := newMaker(t)
				spoil(t, m, place)
				got := m.make(t, nil, "plan")
				if got.code != 2 || got.calls > 0 || !strings.Contains(got.text, place+" is a link or belongs to another user") || !strings.Contains(got.text, ": mv "+place+" "+place+".old, then run make again") {
					t.Errorf("%d calls, %s", got.calls, got.text)
				}
			})
		}
	}
	t.Run("too wide", func(t *testing.T) {
		t.Parallel()
		m := newMaker(t)
		folder := filepath.Join(m.root, ".flowmage")
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		got := m.make(t, nil, "plan")
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 || got.calls != 1 || got.code != 0 {
			t.Errorf("%v %v, %d calls, %s", info.Mode(), err, got.calls, got.text)
		}
	})
}

// assigned is a variable that the Makefile sets.
var assigned = regexp.MustCompile(`(?m)^(?:define |export |override )*([A-Za-z_]+)(?: *[:?+!]*=|$)`)

// stopped is how make says that the file itself refuses.
var stopped = regexp.MustCompile(`(?m)^Makefile:\d+: \*\*\* `)

// Another make's variables change none of the Makefile's own.
func TestMakeUnderAnother(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t)
	names := map[string]bool{}
	for _, found := range assigned.FindAllStringSubmatch(string(text), -1) {
		names[found[1]] = found[1] != "GO" && found[1] != "endef" && found[1] != "endif"
	}
	if len(names) < 40 || !names["mage"] || !names["newline"] {
		t.Fatalf("only %v are found", names)
	}
	for name, own := range names {
		if !own {
			continue
		}
		if got := m.make(t, []string{"MAKELEVEL=1", "MAKEFLAGS= -- " + name + "=x"}, "plan"); got.code != 2 || got.calls > 0 || !stopped.MatchString(got.text) { // refused there, and not by what was run
			t.Errorf("%s: %d calls with %q, %s", name, got.calls, got.words, got.text)
		}
	}
}

// The tool is built for this machine, whatever somebody builds for elsewhere, by the Go that was named, in a folder that nobody else looks into.
func TestMakeBuildsForHere(t *testing.T) {
	t.Parallel()
	prerequisite.Program(t, "git")
	m := newMaker(t)
	const folder = "my go;touch pwned;'$(touch pwned)"
	m.write(t, folder+"/go", "#!/bin/sh\nenv | sort >build\nfor word; do case $word in -compile) f=1;; *) [ -z \"$f\" ] || { mkdir -p \"${word%/*}\"; echo '#!/bin/sh' >\"$word\"; f=; };; esac; done\n")
	m.write(t, "fsmonitor", "#!/bin/sh\ntouch \""+m.root+"/pwned\"\n")
	for _, line := range []string{"init -q", "add go.mod", "-c user.name=a -c user.email=a@example.com commit -qm x", "config core.fsmonitor " + m.root + "/fsmonitor"} {
		if out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", m.root}, strings.Fields(line)...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", line, err, out)
		}
	}
	foreign := []string{"GOOS=windows", "GOARCH=mips", "GOFLAGS=-mod=bogus", "GOWORK=/nowhere"}
	for _, name := range []string{
		"GOARM", "GOARM64", "GO386", "GOAMD64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64", "GOWASM", "GOEXPERIMENT", "GODEBUG", "GOFIPS140", "GO111MODULE", "GOBIN",
		"MAGEFILE_VERBOSE", "MAGEFILE_DEBUG", "MAGEFILE_HASHFAST", "MAGEFILE_CACHE", "MAGEFILE_IGNOREDEFAULT", "MAGEFILE_ENABLE_COLOR", "MAGEFILE_TARGET_COLOR", "MAGEFILE_GOCMD",
	} {
		foreign = append(foreign, name+"=foreign")
	}
	if err := os.RemoveAll(filepath.Join(m.root, ".flowmage")); err != nil {
		t.Fatal(err)
	}
	goes := filepath.Join(m.root, folder, "go")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `umask 022; exec make .flowmage/bin/mage "GO=$1"`, "sh", goes)
	cmd.Dir = m.root
	cmd.Env = append(os.Environ(), append(foreign, "CGO_ENABLED=1", "MAKELEVEL=", "MAKEFLAGS=")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	seen, err := os.ReadFile(filepath.Join(m.root, "build"))
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range foreign {
		if strings.Contains("\n"+string(seen), "\n"+pair+"\n") {
			t.Errorf("the build is given %s", pair)
		}
	}
	for _, pair := range []string{"CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-trimpath", "MAGEFILE_GOCMD=" + goes} {
		if !strings.Contains("\n"+string(seen), "\n"+pair+"\n") {
			t.Errorf("the build is not given %s:\n%s", pair, seen)
		}
	}
	if info, err := os.Stat(filepath.Join(m.root, ".flowmage")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf(".flowmage: %v %v", info, err)
	}
	if _, err := os.Stat(filepath.Join(m.root, "pwned")); err == nil {
		t.Error("something that is named like a program's end, or git's monitor, was run")
	}
}
