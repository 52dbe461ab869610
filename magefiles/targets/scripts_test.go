package targets

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// seconds are the durations in the story.
var seconds = regexp.MustCompile(`\([0-9.]+ s\)`)

// waiting are the lines that say every five seconds that something is still under way: how many there are is for the machine to say.
var waiting = regexp.MustCompile(`(?m)^  .*, [0-9]+ s(?:: .*)?\n`)

// program compiles the magefile once for a test run, as users do, and gives the binary's path. .ci/test brings one along. With FLOWMAGE_COVER, as
// .ci/cover sets it, the binary is one that counts what it reaches.
func program(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("FLOWMAGE_TEST_MAGE"); path != "" && countInto == "" {
		if err := upToDate(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	path, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// compiled is the binary of this run. Mage writes the program that it compiles beside the magefile, so two must not do so at once.
var compiled = sync.OnceValues(func() (string, error) {
	if err := os.MkdirAll(ownBinaries, 0o700); err != nil {
		return "", err
	}
	path := filepath.Join(ownBinaries, "mage")
	cmd := exec.Command("go", "tool", "mage", "-compile", path)
	cmd.Dir, cmd.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if countInto != "" {
		cmd.Env = append(cmd.Env, "GOFLAGS=-cover -covermode=atomic") // the packages of this module
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling the magefile: %w\n%s", err, out)
	}
	return path, nil
})

// ownBinaries is where this run keeps what it compiles for itself.
var ownBinaries = filepath.Join(os.TempDir(), fmt.Sprintf("flowmage-tests-%d", os.Getpid()))

// countInto is the folder where each whole command leaves what it has reached, if that is asked for.
var countInto = os.Getenv("FLOWMAGE_COVER")

func TestMain(m *testing.M) {
	if countInto != "" {
		// Under -cover, go test has set it for commands that are to be counted with the test itself, which it does only for the test's own program.
		_ = os.Setenv("GOCOVERDIR", countInto)
	}
	m.Run() // the test's program ends with its code
	_ = os.RemoveAll(ownBinaries)
}

// clean gives the environment without what would change the tool's ways.
func clean() []string {
	var out []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, "PREFECT_") && !strings.HasPrefix(name, "FLOWMAGE_") && name != "CI" && !strings.HasPrefix(name, "MAGEFILE_") && !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "CI_") {
			out = append(out, pair)
		}
	}
	return out
}

// TestScripts runs whole commands and compares what they print. -update rewrites the expected texts.
func TestScripts(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts use a POSIX shell")
	}
	if prerequisite.Everything() { // scripts that need them skip themselves
		prerequisite.Program(t, "make")
		prerequisite.Program(t, "git")
	}
	mage := program(t)
	api := os.Getenv("FLOWMAGE_TEST_API")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: os.Getenv("UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			bin := filepath.Join(e.WorkDir, ".bin")
			if err := os.Mkdir(bin, 0o755); err != nil {
				return err
			}
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("API", api)
			e.Setenv("BIN", bin)
			e.Setenv("ROOT", root)
			e.Setenv("PYTHON", os.Getenv("FLOWMAGE_TEST_PYTHON"))
			e.Setenv("NL", "\n")
			return os.Symlink(mage, filepath.Join(bin, "mage"))
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "api":
				return provided(api)
			case "python":
				return provided(os.Getenv("FLOWMAGE_TEST_PYTHON"))
			case "names":
				return prerequisite.Everything() || named(), nil
			}
			return false, errors.New("unknown condition " + name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "mask": mask, "website": website, "seen": seen, "guarded": guarded, "fake": fake,
		},
	})
}

// provided tells whether a script has what it needs. In CI it must.
func provided(value string) (bool, error) {
	if value == "" && prerequisite.Everything() {
		return false, errors.New("the script's needs are not met; run make test")
	}
	return value != "", nil
}

// status runs a program and compares its exit code: status 2 mage deploy:all prod.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE PROGRAM [ARGUMENT...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = strings.TrimPrefix(exit.Error(), "exit status ")
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s\n%s", got, args[0], ts.ReadFile("stderr"))
	}
}

// mask writes stdout or stderr to a file, with what differs between runs replaced by names: mask stderr got.txt.
func mask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mask stdout|stderr FILE")
	}
	text := ts.ReadFile(args[0])
	for _, name := range []string{"API", "FAKE", "FAKE_TLS", "WEBSITE", "WEBSITE_PORT", "FAKE_PORT", "FAKE_TLS_PORT", "WORK"} {
		if value := ts.Getenv(name); value != "" {
			text = strings.ReplaceAll(text, value, "$"+name)
		}
	}
	text = waiting.ReplaceAllString(text, "")
	text = seconds.ReplaceAllString(text, "(N s)")
	text = ephemeral.ReplaceAllString(text, "127.0.0.1:PORT->")
	text = resolver.ReplaceAllString(text, "$1:")
	if err := os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600); err != nil {
		ts.Fatalf("%v", err)
	}
}
