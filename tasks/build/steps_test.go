package build

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/session"
)

// Steps of a manifest see no environment's own credentials.
func TestStepsSeeNoOwnCredentials(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the step is a POSIX program")
	}
	var said bytes.Buffer
	s := &session.Session{
		Root: t.TempDir(), Console: console.New(&said, &said),
		Environ: []string{"PATH=" + os.Getenv("PATH"), "FLOWMAGE_PROD_API_KEY=word1234", "FLOWMAGE_DEV_HEADERS=word1234", "OTHER=there"},
	}
	out, err := runStep(t.Context(), s, "shop", "one", manifest.Step{ID: "look", Script: "env"})
	if text := fmt.Sprint(out, said.String()); err != nil || strings.Contains(text, "word1234") || !strings.Contains(text, "OTHER=there") {
		t.Errorf("%v: %s", err, text)
	}
}
